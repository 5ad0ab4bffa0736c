import { buildSubgraphSchema } from '@apollo/subgraph';
import { describe, expect, test } from '@jest/globals';
import { graphql, parse } from 'graphql';
import { AppError } from '../errors.ts';
import type { Caller } from '../identity/identity.ts';
import { anonymous, identityFrom } from '../identity/identity.ts';
import { newId } from '../ids.ts';
import { anyone, can, canSomewhere, internal, signedIn } from './rules.ts';
import type { PermissionMap } from './shield.ts';
import { applyShield } from './shield.ts';

const typeDefs = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Query { open: Int closed: Int internal: Int thing: Thing }
  type Mutation { change: Int }
  type Thing @key(fields: "id") { id: ID! plain: Int secret: Int }
`);
const resolvers = {
  Query: { open: () => 1, closed: () => 2, internal: () => 3, thing: () => ({ id: 't', plain: 4, secret: 5 }) },
  Mutation: { change: () => 6 },
  Thing: { __resolveReference: ({ id }: { id: string }) => ({ id, plain: 4, secret: 5 }) },
};
const rules: PermissionMap = {
  Query: { open: anyone, closed: signedIn, internal, thing: anyone },
  Mutation: { change: can('CREATE_GROUP') },
  Thing: { secret: canSomewhere('ADD_STAFF') },
};
const group = newId();
const userId = newId();

async function ask(source: string, caller: Partial<Caller>) {
  const schema = applyShield(buildSubgraphSchema({ typeDefs, resolvers }), rules);
  const contextValue = { caller: { identity: anonymous, ...caller }, _shield: { cache: {} } };
  const { data, errors } = await graphql({ schema, source, contextValue });
  const codes = errors?.map(({ originalError }) =>
    originalError instanceof AppError ? originalError.code : 'unexpected',
  );
  return { data: JSON.parse(JSON.stringify(data)), codes };
}

describe('a schema does not start', () => {
  const schema = () => buildSubgraphSchema({ typeDefs, resolvers });

  test.each([
    [
      'with a root field that has no rule',
      { ...rules, Query: { open: anyone, closed: signedIn, internal } },
      /Query\.thing/,
    ],
    ['with no rules at all', {}, /has no rule/],
    ['with a rule for a field that is not there', { ...rules, Thing: { gone: anyone } }, /Thing\.gone/],
    ['with a rule for a type that is not there', { ...rules, Gone: { x: anyone } }, /Gone/],
  ])('%s', (_name, permissions: PermissionMap, message) => {
    expect(() => applyShield(schema(), permissions)).toThrow(message);
  });
});

describe('rules', () => {
  test('refuse who is not signed in, who lacks the permission, and who is no service', async () => {
    expect(await ask('{ closed }', {})).toEqual({ data: { closed: null }, codes: ['UNAUTHENTICATED'] });
    expect((await ask('mutation { change }', {})).codes).toEqual(['UNAUTHENTICATED']);
    const user = identityFrom({ userId, staff: [{ groupId: group, permissions: ['CREATE_GROUP', 'ADD_STAFF'] }] });
    expect((await ask('mutation { change }', { identity: user })).codes).toEqual(['FORBIDDEN']);
    expect((await ask('{ internal }', { identity: user })).codes).toEqual(['FORBIDDEN']);
  });

  test('hold on fields of entities, also by reference', async () => {
    const reference =
      '{ _entities(representations: [{ __typename: "Thing", id: "t" }]) { ... on Thing { plain secret } } }';
    const stranger = identityFrom({ userId });
    expect(await ask(reference, { identity: stranger })).toEqual({
      data: { _entities: [{ plain: 4, secret: null }] },
      codes: ['FORBIDDEN'],
    });
    const staff = identityFrom({ userId, staff: [{ groupId: group, permissions: ['ADD_STAFF'] }] });
    expect((await ask(reference, { identity: staff })).data._entities).toEqual([{ plain: 4, secret: 5 }]);
  });

  test('let pass who may', async () => {
    const user = identityFrom({ userId, permissions: ['CREATE_GROUP'] });
    expect((await ask('{ open }', {})).data).toEqual({ open: 1 });
    expect((await ask('{ closed }', { identity: user })).data).toEqual({ closed: 2 });
    expect((await ask('mutation { change }', { identity: user })).data).toEqual({ change: 6 });
    expect((await ask('{ internal }', { service: 'gateway' })).data).toEqual({ internal: 3 });
    expect((await ask('{ _service { sdl } }', {})).codes).toBeUndefined();
  });
});
