import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { buildSchema } from 'graphql';
import { serviceNames } from '../platform/config.ts';
import { projectFolder } from '../platform/project-folder.ts';
import { printContract } from '../platform/subgraph/print-contract.ts';
import { compose } from './compose.ts';
import { findReadySupergraph, supergraphHeading } from './ready-supergraph.ts';

const contracts = serviceNames.map((name) => ({ name, sdl: printContract(name) }));
const checkedIn = (file: string) => readFileSync(join(projectFolder(), 'schema', file), 'utf8').trimEnd();

test('contracts that contradict each other are refused with the reason', () => {
  const wrong = { name: 'wrong', sdl: 'type Query { me: Int }' };
  expect(() => compose([...contracts, wrong])).toThrow(/me/);
});

test('a required field with arguments is refused: it would replace what clients ask of the field', () => {
  const head = (imports: string) =>
    `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external", ${imports}])`;
  const posts = `${head('"@shareable"')} type Query { posts: [Post] } type Post @key(fields: "id") { id: ID! comments(first: Int): [String] }`;
  const badges = (imports: string, requires: string) => `${head(imports)} type Post @key(fields: "id") {
    id: ID! comments(first: Int): [String] @external badge: String ${requires} }`;
  const composeWith = (sdl: string) => () =>
    compose([
      { name: 'posts', sdl: posts },
      { name: 'badges', sdl },
    ]);
  const message = /badges: Post\.badge requires comments with arguments/;
  expect(composeWith(badges('"@requires"', '@requires(fields: "comments(first: 3)")'))).toThrow(message);
  const renamed = '{ name: "@requires", as: "@needs" }';
  expect(composeWith(badges(renamed, '@needs(fields: "comments(first: 3)")'))).toThrow(message);
  expect(composeWith(badges('"@requires"', '@requires(fields: "comments")'))).not.toThrow();
});

test('schema/supergraph.graphql and schema/api.graphql are fresh: `npm run compose` makes them', () => {
  const { supergraphSdl, apiSdl } = compose(contracts);
  expect(checkedIn('supergraph.graphql')).toBe(`${supergraphHeading(contracts)}${supergraphSdl.trimEnd()}`);
  expect(checkedIn('api.graphql')).toBe(apiSdl.trimEnd());
});

test('the checked-in supergraph serves no contracts but those that it is composed of', () => {
  const [first, ...others] = contracts;
  const changed = { name: first?.name ?? '', sdl: `${first?.sdl} type Other { id: ID }` };
  for (const wrong of [
    others,
    [changed, ...others],
    [...contracts, { name: 'more', sdl: 'type Query { more: Int }' }],
  ]) {
    expect(findReadySupergraph(wrong)).toBeUndefined();
  }
  expect(findReadySupergraph(contracts.toReversed())?.trimEnd()).toBe(checkedIn('supergraph.graphql'));
});

test('nothing internal is in the public API', () => {
  const api = buildSchema(compose(contracts).apiSdl);
  for (const name of ['session', 'identity', 'accessVersions', 'eventLog', '_entities', '_service']) {
    expect(api.getQueryType()?.getFields()).not.toHaveProperty(name);
  }
  const mutations = ['authenticate', 'verifyPassword', 'authenticateWithOidc', 'linkOidcSubject', 'authenticateOAuth1'];
  for (const name of mutations) expect(api.getMutationType()?.getFields()).not.toHaveProperty(name);
  for (const name of ['SessionIdentity', 'UserIdentity', 'Authentication', 'OidcSubjectInput', 'EventLog', '_Entity']) {
    expect(api.getType(name)).toBeUndefined();
  }
});

test.each(serviceNames.map((name) => [name]))('the gateway composes without %s where nothing refers to it', (left) => {
  // auth and users carry the rest; each other service can be left out.
  if (left === 'auth' || left === 'users') return;
  expect(() => compose(contracts.filter(({ name }) => name !== left))).not.toThrow();
});
