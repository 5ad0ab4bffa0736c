// Modules of one service make one map each of resolvers and permissions, and never two answers to one field.
import { expect, test } from '@jest/globals';
import { GraphQLScalarType } from 'graphql';
import { anyone, signedIn } from '../access/rules.ts';
import { mergePermissions, mergeResolvers } from './merge-modules.ts';

interface Resolvers {
  Query?: Record<string, () => string>;
  User?: Record<string, () => string>;
  DateTime?: GraphQLScalarType;
}

const answer = (text: string) => () => text;

test('a field that two modules resolve is refused', () => {
  const one: Resolvers = { Query: { me: answer('one') } };
  const other: Resolvers = { Query: { me: answer('other') } };
  expect(() => mergeResolvers(one, other)).toThrow('two modules have resolvers for Query.me');
});

test('a reference that two modules resolve is refused', () => {
  const part: Resolvers = { User: { __resolveReference: answer('user') } };
  expect(() => mergeResolvers(part, { ...part })).toThrow('User.__resolveReference');
});

test('a scalar that two modules bring is refused', () => {
  const part = (): Resolvers => ({ DateTime: new GraphQLScalarType({ name: 'DateTime' }) });
  expect(() => mergeResolvers(part(), part())).toThrow('DateTime, which has no fields');
});

test('a field that two modules have a rule for is refused, even the same rule', () => {
  expect(() => mergePermissions({ Query: { me: anyone } }, { Query: { me: anyone } })).toThrow(
    'two modules have permissions for Query.me',
  );
});

test('fields of the same type come together from all modules', () => {
  const merged = mergeResolvers<Resolvers>(
    { Query: { me: answer('me') }, User: { name: answer('name') } },
    {},
    { Query: { user: answer('user'), toString: answer('own') } },
    { User: { groups: answer('groups') } },
  );
  expect(Object.keys(merged.Query ?? {})).toEqual(['me', 'user', 'toString']);
  expect(Object.keys(merged.User ?? {})).toEqual(['name', 'groups']);
  expect(merged.Query?.user?.()).toBe('user');
});

test('the modules themselves stay as they are', () => {
  const one: Resolvers = { Query: { me: answer('me') } };
  mergeResolvers(one, { Query: { user: answer('user') } });
  expect(Object.keys(one.Query ?? {})).toEqual(['me']);
});

test('rules come together from all modules', () => {
  const merged = mergePermissions(
    { Query: { me: anyone }, User: { email: signedIn } },
    { Query: { user: signedIn }, Mutation: { login: anyone } },
  );
  expect(merged).toEqual({
    Query: { me: anyone, user: signedIn },
    User: { email: signedIn },
    Mutation: { login: anyone },
  });
});
