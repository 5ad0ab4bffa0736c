// What holds for every subgraph, whatever it does: deny by default, nothing internal for users, masking, page limits.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { GraphQLArgument, GraphQLField, GraphQLInputType } from 'graphql';
import { GraphQLNonNull, isEnumType, isInputObjectType, isListType, isNonNullType, isObjectType } from 'graphql';
import { permissionNames } from '../../platform/access/permissions.ts';
import { serviceNames } from '../../platform/config.ts';
import type { IdentityData } from '../../platform/identity/identity.ts';
import { newId } from '../../platform/ids.ts';
import { printContract } from '../../platform/subgraph/print-contract.ts';
import { subgraphs } from '../../subgraphs/registry.ts';
import type { TestSubgraphs } from '../support/subgraphs.ts';
import { startTestSubgraphs } from '../support/subgraphs.ts';

let graph: TestSubgraphs;
beforeAll(async () => {
  graph = await startTestSubgraphs(serviceNames.map((name) => subgraphs[name]));
}, 300_000);
afterAll(() => graph?.close());

/** Root fields that anybody may call, signed in or not. Growing this list is a decision. */
const open = new Set([
  'Mutation.activateUser',
  'Mutation.createOidcAuthenticationUrl',
  'Mutation.login',
  'Mutation.loginWithMfa',
  'Mutation.loginWithOidc',
  'Mutation.refreshSession',
  'Mutation.registerUser',
  'Mutation.requestActivation',
  'Mutation.requestPasswordReset',
  'Mutation.resetPassword',
  'Query.emailAvailable',
  'Query.me',
  'Query.userSettings',
]);
const federation = new Set(['Query._service', 'Query._entities']);

describe.each(serviceNames.map((name) => [name]))('the subgraph %s', (name) => {
  const rootFields = () => {
    const { schema } = graph.subgraph(name);
    return [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
      type ? Object.values(type.getFields()).map((field) => ({ path: `${type.name}.${field.name}`, type, field })) : [],
    );
  };
  const codesOf = async (path: string, field: GraphQLField<unknown, unknown>, identity?: IdentityData) => {
    const query = `${path.startsWith('Mutation') ? 'mutation' : 'query'} ${callOf(field)}`;
    const { errors } = await graph.execute(name, { query, ...(identity === undefined ? {} : { identity }) });
    return (errors ?? []).map(({ extensions }) => extensions?.code);
  };

  test('answers the contract that is checked in', () => {
    expect(graph.subgraph(name).sdl).toBe(printContract(name));
  });

  test('lets nobody do anything without signing in, but for what is listed here', async () => {
    for (const { path, field } of rootFields()) {
      if (federation.has(path)) continue;
      const codes = await codesOf(path, field);
      if (open.has(path)) expect([path, codes]).not.toEqual([path, expect.arrayContaining(['UNAUTHENTICATED'])]);
      else expect([path, codes[0]]).toEqual([path, expect.stringMatching(/^(UNAUTHENTICATED|FORBIDDEN)$/)]);
    }
  });

  test('lets no user call what is internal, whatever permissions they hold', async () => {
    const identity = { userId: newId(), permissions: [...permissionNames] };
    for (const { path, field } of rootFields()) {
      if (field.astNode?.directives?.some((directive) => directive.name.value === 'inaccessible') !== true) continue;
      expect([path, await codesOf(path, field, identity)]).toEqual([path, ['FORBIDDEN']]);
    }
  });

  test('refuses a list of a negative length', async () => {
    const identity = { userId: newId(), permissions: [...permissionNames] };
    for (const { path, field } of rootFields()) {
      if (!field.args.some((argument) => argument.name === 'last')) continue;
      const query = `{ ${field.name}(first: -1${field.args.some((one) => one.name === 'schemaName') ? ', schemaName: "x"' : ''}) { totalCount } }`;
      const { errors } = await graph.execute(name, { query, identity });
      expect([path, errors?.[0]?.extensions?.code]).toEqual([path, expect.stringMatching(/BAD_USER_INPUT|NOT_FOUND/)]);
    }
  });

  test('answers a reference to what is not there with null', async () => {
    const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }';
    for (const type of Object.values(graph.subgraph(name).schema.getTypeMap())) {
      if (!isObjectType(type) || !('id' in type.getFields())) continue;
      const keys = type.astNode?.directives?.filter((directive) => directive.name.value === 'key') ?? [];
      const own = type.getFields();
      // A stub that only adds lists to another service's entity answers for any id; what it lists is decided on.
      if (keys.length === 0 || !('createdAt' in own)) continue;
      const variables = { r: [{ __typename: type.name, id: newId() }] };
      const { data } = await graph.execute(name, { query, variables, identity: { userId: newId() } });
      expect([type.name, data?._entities]).toEqual([type.name, [null]]);
    }
  });
});

/** A call of the field with arguments that fit its types, and the shortest selection. */
function callOf(field: GraphQLField<unknown, unknown>): string {
  const needed = field.args.filter(isRequired);
  const args = needed.map((argument) => `${argument.name}: ${fittingValue(argument.type)}`).join(', ');
  return `{ ${field.name}${args === '' ? '' : `(${args})`} ${isLeaf(field) ? '' : '{ __typename }'} }`;
}

function isRequired({ type, defaultValue }: GraphQLArgument): boolean {
  return isNonNullType(type) && defaultValue === undefined;
}

function isLeaf(field: GraphQLField<unknown, unknown>): boolean {
  let { type } = field;
  while (isNonNullType(type) || isListType(type)) type = type.ofType;
  return !isObjectType(type);
}

function fittingValue(type: GraphQLInputType): string {
  if (type instanceof GraphQLNonNull) return fittingValue(type.ofType as GraphQLInputType);
  if (isListType(type)) return '[]';
  if (isEnumType(type)) return type.getValues()[0]?.name ?? '';
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(
      (one) => isNonNullType(one.type) && one.defaultValue === undefined,
    );
    return `{ ${fields.map((one) => `${one.name}: ${fittingValue(one.type)}`).join(', ')} }`;
  }
  const values: Record<string, string> = { Int: '1', Boolean: 'true', JSON: '{}', Position: '"0"', ID: `"${newId()}"` };
  return values[type.name] ?? '"text"';
}
