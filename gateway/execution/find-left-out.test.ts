import { buildSchema, operationFromDocument } from '@apollo/federation-internals';
import type { PlanNode } from '@apollo/query-planner';
import { expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { findLeftOut } from './find-left-out.ts';

const schema = buildSchema(`
  type Query { me: User items: [Item] }
  type User { id: ID name: String friend: User }
  interface Item { id: ID }
  type Book implements Item { id: ID title: String }
  type Film implements Item { id: ID minutes: Int }
`);

const fetch = (operation: string): PlanNode => ({
  kind: 'Fetch',
  serviceName: 'one',
  operation,
  operationName: undefined,
  operationKind: 'query' as never,
});
const flatten = (path: string[], entities: string): PlanNode => {
  const operation = `query ($representations: [_Any!]!) { _entities(representations: $representations) ${entities} }`;
  return { kind: 'Flatten', path, node: { ...fetch(operation), requires: [] } as PlanNode };
};
const leftOut = (source: string, ...nodes: PlanNode[]) =>
  findLeftOut(operationFromDocument(schema, parse(source)), {
    kind: 'QueryPlan',
    ...(nodes.length > 0 ? { node: { kind: 'Sequence', nodes } } : {}),
  });

test('a field that no fetch asks for', () => {
  const me = fetch('{ me { __typename id } }');
  expect(leftOut('{ me { id name } }')).toEqual({ coordinate: 'Query.me', path: 'me' });
  expect(leftOut('{ me { id name } }', me)).toEqual({ coordinate: 'User.name', path: 'me.name' });
  expect(leftOut('{ me { id name } }', me, flatten(['me'], '{ ... on User { name } }'))).toBeUndefined();
});

test('a field of one type among several, but not the fields of a type that cannot come there', () => {
  const source = '{ items { id ... on Book { title } ... on Film { minutes } } }';
  expect(leftOut(source, fetch('{ items { __typename id ... on Book { title } } }'))).toBeUndefined();
  const films = fetch('{ items { __typename id ... on Book { title } ... on Film { id } } }');
  expect(leftOut(source, films)?.coordinate).toBe('Film.minutes');
});

test('what is never asked for is not missed', () => {
  const me = fetch('{ me { id } }');
  expect(leftOut('{ me { id name @skip(if: true) __typename } __typename }', me)).toBeUndefined();
  expect(
    leftOut('query ($a: Boolean!) { me { id friend @include(if: $a) @skip(if: $a) { id } } }', me),
  ).toBeUndefined();
});

test('a field that the plan has under a name of its own', () => {
  const renamed = {
    ...fetch('{ me { name__alias_0: name } }'),
    outputRewrites: [{ kind: 'KeyRenamer', path: ['me', '... on User', 'name__alias_0'], renameKeyTo: 'name' }],
  } as PlanNode;
  expect(leftOut('{ me { name } }', renamed)).toBeUndefined();
});
