// The lists of this service: what filters find, orders, pages, and what is refused.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { IdentityData } from '../../platform/identity/identity.ts';
import { newId } from '../../platform/ids.ts';
import {
  anyFilter,
  idOperators,
  meets,
  momentOperators,
  type Row,
  type RowFilter,
  textOperators,
} from '../../tests/support/row-filters.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../tests/support/subgraphs.ts';
import { applicationsPermissions } from './applications/permissions.ts';
import type { AuthTable } from './auth-parts.ts';
import { auth } from './index.ts';

const now = Date.parse('2026-11-21T12:00:00Z');
const expiresAt = new Date(now + 3_600_000);
const people = [newId(), newId()] as const;
const applications = ['b', 'a%', 'c'].map((name) => ({ id: newId(), name }));
const providers = ['second', 'first', 'third'].map((name) => ({ id: newId(), name }));
const days = ['2026-11-19T08:00:00.000Z', '2026-11-19T08:00:00.001Z', '2026-11-20T00:00:00.000Z'];
const pick = <T>(values: readonly T[], index: number): T => values[index % values.length] as T;

/** What there is, in order of creation. */
const rows = {
  applications: applications.map(({ id, name }, index) => ({
    id,
    name,
    type: pick(['OAUTH1', 'OAUTH2'], index),
    createdAt: pick(days, index),
  })),
  // Every third is of no application, where that can be.
  owned: Array.from({ length: 12 }, (_, index) => ({
    id: newId(),
    userId: pick(people, index),
    applicationId: index % 3 === 2 ? null : pick(applications, index).id,
    createdAt: pick(days, index >> 1),
  })),
  providers: providers.map(({ id, name }, index) => ({
    id,
    name,
    enabled: index !== 1,
    createdAt: pick(days, index),
  })),
  attempts: Array.from({ length: 8 }, (_, index) => ({
    id: newId(),
    providerId: pick(providers, index).id,
    providerName: pick(providers, index).name,
    userId: pick([...people, null], index),
    status: pick(['SUCCESS', 'FAILED', 'FAILED'], index >> 1),
    createdAt: pick(days, index),
  })),
};

let graph: TestSubgraphs;
beforeAll(async () => {
  graph = await startTestSubgraphs([auth], { now: () => now });
  await graph.database.forService<AuthTable>('auth').write(async ({ db }) => {
    const about = { description: 'An application', confidential: false };
    await db.application.createMany({ data: rows.applications.map((row) => ({ ...row, ...about })) });
    for (const { id, userId, applicationId, createdAt } of rows.owned) {
      const session = { id, userId, applicationId, createdAt, kind: 'PASSWORD', credentialVersion: 1 };
      const token = { id, createdAt, sessionId: id, tokenHash: id, expiresAt };
      await db.session.create({ data: session });
      await db.refreshToken.create({ data: token });
      await db.accessToken.create({ data: token });
      await db.oAuth1Token.create({ data: { id, createdAt, sessionId: id, token: id, sealedSecret: '' } });
      if (applicationId === null) continue;
      const owned = { id, userId, applicationId, createdAt, expiresAt, credentialVersion: 1 };
      await db.ssoToken.create({ data: { ...owned, tokenHash: id } });
      const code = { versionId: newId(), codeHash: id, redirectUri: '', redirectUriGiven: false };
      await db.oAuth2Authorization.create({ data: { ...owned, ...code } });
    }
    const settings = {
      description: '',
      clientId: '',
      sealedSecret: '',
      clientSecretHint: '',
      issuerId: '',
      authorizationEndpoint: '',
      tokenEndpoint: '',
      userinfoEndpoint: '',
      redirectUri: '',
    };
    await db.oidcProvider.createMany({ data: rows.providers.map((row) => ({ ...row, ...settings })) });
    await db.oidcLoginAttempt.createMany({ data: rows.attempts });
  });
});
afterAll(() => graph?.close());

type Fields = Parameters<typeof anyFilter>[0];
interface List {
  readonly name: string;
  /** Of its inputs for filter and order. */
  readonly inputs: string;
  readonly rows: readonly Row[];
  readonly filter: Fields;
  readonly orders: Readonly<Record<string, string>>;
  readonly unlessTold?: { readonly field: string; readonly direction: 'ASC' | 'DESC' };
  /** Who sees which rows. */
  readonly viewers: readonly (readonly [IdentityData, (row: Row) => boolean])[];
}

const ids = (list: readonly { readonly id: string }[]) => idOperators(...list.map(({ id }) => id), newId());
const createdAt = momentOperators(...days);
const createdOnly = { CREATED_AT: 'id' };
const everything = () => true;
const may = (...permissions: string[]): IdentityData => ({ userId: newId(), permissions });
const ofPerson = (userId: string) => (row: Row) => row.userId === userId;

const owned = (name: string, { inSession }: { readonly inSession: boolean }): List => ({
  name,
  inputs: 'Authorization',
  rows: inSession ? rows.owned : rows.owned.filter(({ applicationId }) => applicationId !== null),
  filter: { id: ids(rows.owned), userId: idOperators(...people), applicationId: ids(applications), createdAt },
  orders: createdOnly,
  viewers: [
    [may('VIEW_AUTHORIZATIONS'), everything],
    ...people.map((userId) => [{ userId }, ofPerson(userId)] as const),
    [may('VIEW_USER', 'DELETE_AUTHORIZATIONS'), () => false],
  ],
});

const lists: readonly List[] = [
  owned('sessions', { inSession: true }),
  owned('oauth1Tokens', { inSession: true }),
  owned('ssoTokens', { inSession: false }),
  owned('oauth2Authorizations', { inSession: false }),
  owned('oauth2Tokens', { inSession: false }),
  owned('oauth2RefreshTokens', { inSession: false }),
  {
    name: 'applications',
    inputs: 'Application',
    rows: rows.applications,
    filter: {
      id: ids(applications),
      name: textOperators('a', 'b', '%', 'C'),
      type: fc.constantFrom('OAUTH1', 'OAUTH2', null),
      createdAt,
    },
    orders: { ...createdOnly, NAME: 'name' },
    unlessTold: { field: 'NAME', direction: 'ASC' },
    viewers: [[may(), everything]],
  },
  {
    name: 'oidcProviders',
    inputs: 'OidcProvider',
    rows: rows.providers,
    filter: {
      id: ids(providers),
      name: textOperators('first', 'second', 'IR', 'c'),
      enabled: fc.constantFrom(true, false, null),
      createdAt,
    },
    orders: { ...createdOnly, NAME: 'name' },
    viewers: [[may('VIEW_OIDC_PROVIDERS'), everything]],
  },
  {
    name: 'oidcLoginAttempts',
    inputs: 'OidcLoginAttempt',
    rows: rows.attempts,
    filter: {
      id: ids(rows.attempts),
      providerId: ids(providers),
      providerName: textOperators('first', 'second', 'IR'),
      userId: idOperators(...people),
      status: fc.constantFrom('SUCCESS', 'FAILED', null),
      createdAt,
    },
    orders: createdOnly,
    viewers: [[may('VIEW_OIDC_LOGIN_ATTEMPTS', 'VIEW_OIDC_PROVIDERS'), everything]],
  },
];

const ask = ({ name, inputs }: List, identity: IdentityData, variables: object) =>
  graph.execute('auth', {
    query: `query ($filter: ${inputs}Filter, $orderBy: ${inputs}Order, $first: Int, $after: String, $last: Int, $before: String) {
      ${name}(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
        totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }`,
    variables: { ...variables },
    identity,
  });

interface Walk {
  readonly filter: RowFilter;
  readonly orderBy: { readonly field: string; readonly direction: 'ASC' | 'DESC' } | undefined;
  readonly size: number;
  readonly backwards: boolean;
}

/** The ids on all pages, and what is counted on the first. */
async function walk(list: List, identity: IdentityData, { filter, orderBy, size, backwards }: Walk) {
  const found: string[] = [];
  let counted: number | undefined;
  for (let cursor: string | null = null, more = true; more; ) {
    const page = backwards ? { last: size, before: cursor } : { first: size, after: cursor };
    const { data, errors } = await ask(list, identity, { filter, orderBy, ...page });
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    const { nodes, pageInfo, totalCount } = data[list.name];
    const here = nodes.map(({ id }: { id: string }) => id);
    if (backwards) found.unshift(...here);
    else found.push(...here);
    counted ??= totalCount;
    cursor = backwards ? pageInfo.startCursor : pageInfo.endCursor;
    more = backwards ? pageInfo.hasPreviousPage : pageInfo.hasNextPage;
  }
  return { found, counted };
}

function sorted({ orders, unlessTold }: List, found: readonly Row[], orderBy: Walk['orderBy']): unknown[] {
  const { field, direction } = orderBy ?? unlessTold ?? { field: 'CREATED_AT', direction: 'DESC' };
  const key = (row: Row) => String(row[orders[field] ?? 'id']);
  const upwards = [...found].sort((a, b) => (key(a) < key(b) ? -1 : 1)).map(({ id }) => id);
  return direction === 'ASC' ? upwards : upwards.reverse();
}

describe.each(lists)('$name', (list) => {
  test.each(
    Object.keys(list.filter).flatMap((field): [string, object][] => {
      if (/id$/i.test(field)) return [`filter.${field}.eq`, `filter.${field}.out`].map((path) => [path, idFault(path)]);
      return /name$/i.test(field) ? [[`filter.${field}.like`, { [field]: { like: '\0' } }]] : [];
    }),
  )('refuses a bad %s', async (path, filter) => {
    const [[viewer] = [may()]] = list.viewers;
    const refusalOf = async (given: object) => (await ask(list, viewer, { filter: given })).errors?.[0]?.extensions;
    expect(await refusalOf(filter)).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: path } });
    const inside = path.replace('filter.', 'filter.or.1.not.');
    expect(await refusalOf({ or: [{}, { not: filter }] })).toMatchObject({ details: { field: inside } });
  });

  test('finds what the filter says among what the viewer sees, on pages of any size, in any order', async () => {
    const order = fc.record({
      field: fc.constantFrom(...Object.keys(list.orders)),
      direction: fc.constantFrom('ASC' as const, 'DESC' as const),
    });
    const anyWalk = fc.record({
      filter: anyFilter(list.filter),
      orderBy: fc.option(order, { nil: undefined }),
      size: fc.integer({ min: 1, max: 5 }),
      backwards: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...list.viewers), anyWalk, async ([viewer, sees], given) => {
        const expected = list.rows.filter((row) => sees(row) && meets(given.filter, row));
        const { found, counted } = await walk(list, viewer, given);
        expect([found, counted]).toEqual([sorted(list, expected, given.orderBy), expected.length]);
      }),
      { numRuns: 40 },
    );
  });

  test('shows nothing but what the viewer sees, whatever is asked for', async () => {
    for (const [viewer, sees] of list.viewers) {
      const seen = list.rows.filter(sees).map(({ id }) => id);
      for (const { id } of list.rows) {
        for (const filter of [{ id: { eq: id } }, { or: [{ id: { in: [id] } }, { not: { id: { ne: id } } }] }]) {
          const { data } = await ask(list, viewer, { filter });
          expect(data[list.name].totalCount).toBe(seen.includes(id) ? 1 : 0);
        }
      }
    }
  });
});

/** A filter with what is no id where the path says. */
function idFault(path: string): object {
  const [, field = '', operator = ''] = path.split('.');
  return { [field]: { [operator]: operator === 'out' ? [newId(), 'x'] : 'x' } };
}

describe('what needs a permission', () => {
  test('a provider to filter attempts by, on any level, when providers are not for the viewer', async () => {
    const list = lists.find(({ name }) => name === 'oidcLoginAttempts') as List;
    const viewer = may('VIEW_OIDC_LOGIN_ATTEMPTS');
    for (const providerId of [{ eq: newId() }, { ne: newId() }, {}]) {
      for (const filter of [{ providerId }, { and: [{ not: { providerId } }] }]) {
        expect((await ask(list, viewer, { filter })).errors?.[0]?.extensions).toEqual({
          code: 'FORBIDDEN',
          details: { code: 10, permission: 'VIEW_OIDC_PROVIDERS' },
        });
      }
    }
    const { data } = await ask(list, viewer, { filter: { providerName: { eq: 'first' }, status: 'FAILED' } });
    const expected = rows.attempts.filter(
      ({ providerName, status }) => providerName === 'first' && status === 'FAILED',
    );
    expect(data[list.name].totalCount).toBe(expected.length);
  });

  test('of an application is nothing to filter or to sort by', () => {
    const { schema } = graph.subgraph('auth');
    const inputs = ['ApplicationFilter', 'ApplicationOrderField'].map((name) => schema.getType(name));
    const words = inputs.flatMap((type) => {
      if (type !== undefined && 'getFields' in type) return Object.keys(type.getFields());
      return type !== undefined && 'getValues' in type ? type.getValues().map(({ name }) => name) : [];
    });
    expect(words).toEqual(['id', 'name', 'type', 'createdAt', 'and', 'or', 'not', 'CREATED_AT', 'NAME']);
    for (const field of Object.keys(applicationsPermissions.Application ?? {})) expect(words).not.toContain(field);
  });
});
