// Open requests, as administrators list and forget them.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import { type Accounts, accountsIn } from '../../../tests/support/accounts.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../index.ts';

let graph: TestSubgraphs;
let accounts: Accounts;
beforeAll(async () => {
  graph = await startTestSubgraphs([users]);
  accounts = accountsIn(graph);
});
afterAll(() => graph.close());

const lists = {
  activationRequests: 'VIEW_ACTIVATION_REQUESTS',
  passwordResetRequests: 'VIEW_FORGOT_PASSWORD_REQUESTS',
} as const;
type List = keyof typeof lists;
const purposes = { activationRequests: 'activation', passwordResetRequests: 'password_reset' } as const;

const list = async (name: List, args: object = {}, permissions: readonly string[] = [lists[name]]) => {
  const query = `query ($filter: VerificationRequestFilter, $orderBy: VerificationRequestOrder, $first: Int, $after: String, $last: Int, $before: String) {
    ${name}(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
      totalCount
      nodes { id mode requestCount lastRequestAt failedAttempts lastFailedAt expiresAt createdAt updatedAt user { id } }
      edges { cursor }
      pageInfo { hasNextPage endCursor }
    }
  }`;
  const answer = await accounts.ask(query, { ...args }, { userId: newId(), permissions: [...permissions] });
  return { ...answer, data: answer.data?.[name] ?? null };
};
const idsIn = ({ data }: { data: { nodes: { id: string }[] } }) => data.nodes.map(({ id }) => id);
const ofUser = (userId: string) => ({ filter: { userId: { eq: userId } } });
const opened = async (name: List) => {
  const account = name === 'activationRequests' ? await accounts.register() : await accounts.activated();
  if (name === 'passwordResetRequests') await accounts.call('requestPasswordReset', { email: account.email });
  const { id: requestId = '' } = (await accounts.request(account.id, purposes[name])) ?? {};
  return { ...account, requestId };
};

describe.each(Object.keys(lists) as List[])('%s', (name) => {
  test('needs its permission', async () => {
    const answer = await list(name, {}, ['VIEW_USER']);
    expect(answer).toMatchObject({ code: 'FORBIDDEN', details: { permission: lists[name] } });
  });

  test.each([
    ['filter.id.eq', { id: { eq: 'x' } }],
    ['filter.userId.eq', { userId: { eq: 'me' } }],
    ['filter.not.userId.out', { not: { userId: { out: [newId(), 'me'] } } }],
  ])('refuses a bad %s', async (field, filter) => {
    const answer = await list(name, { filter });
    expect(answer).toMatchObject({ code: 'BAD_USER_INPUT', details: { field, code: 12 } });
  });

  test('refuses a cursor that is none', async () => {
    expect(await list(name, { after: 'x' })).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'after' } });
  });

  test('shows those of one user, and of that kind only', async () => {
    const { id, requestId } = await opened(name);
    const other = name === 'activationRequests' ? 'passwordResetRequests' : 'activationRequests';
    expect((await list(other, ofUser(id), [lists[other], 'VIEW_USER'])).data).toMatchObject({
      nodes: [],
      totalCount: 0,
    });
    const { data } = await list(name, ofUser(id.toUpperCase()), [lists[name], 'VIEW_USER']);
    expect(data).toMatchObject({
      totalCount: 1,
      nodes: [{ id: requestId, mode: 'HASH', requestCount: 1, failedAttempts: 0, lastFailedAt: null, user: { id } }],
    });
  });

  test('shows whose they are only to who may see that user', async () => {
    const { requestId } = await opened(name);
    const { nodes } = (await list(name, { filter: { id: { eq: requestId } } })).data;
    expect(nodes).toMatchObject([{ id: requestId, user: null }]);
  });

  test('tells nobody by a filter whose request it is who may not see that user', async () => {
    const { id, requestId } = await opened(name);
    const [is, isNot] = [{ userId: { eq: id } }, { userId: { ne: id } }];
    const found = async (filter: object, ...more: string[]) =>
      idsIn(await list(name, { filter: { and: [{ id: { eq: requestId } }, filter] } }, [lists[name], ...more]));
    for (const filter of [is, { not: isNot }, { userId: { in: [newId(), id] } }, { not: { userId: { out: [id] } } }]) {
      expect([filter, await found(filter)]).toEqual([filter, []]);
      expect([filter, await found(filter, 'VIEW_USER')]).toEqual([filter, [requestId]]);
    }
    for (const filter of [isNot, { not: is }, { userId: { out: [id] } }, { not: { userId: { in: [id] } } }]) {
      expect([filter, await found(filter)]).toEqual([filter, [requestId]]);
      expect([filter, await found(filter, 'VIEW_USER')]).toEqual([filter, []]);
    }
  });

  test('filters by moments', async () => {
    const { id, requestId } = await opened(name);
    const { expiresAt } = (await accounts.request(id, purposes[name])) ?? {};
    const found = async (filter: object) => idsIn(await list(name, { filter: { ...filter, id: { eq: requestId } } }));
    expect(
      await found({ expiresAt: { eq: expiresAt?.toISOString() }, createdAt: { lt: '2999-01-01T00:00:00.000Z' } }),
    ).toEqual([requestId]);
    expect(
      await found({
        or: [{ expiresAt: { gt: expiresAt?.toISOString() } }, { createdAt: { ge: '2999-01-01T00:00:00.000Z' } }],
      }),
    ).toEqual([]);
  });

  test('pages oldest first when asked to', async () => {
    const made = [await opened(name), await opened(name), await opened(name)].map(({ requestId }) => requestId);
    const asked = { filter: { id: { in: made } }, orderBy: { field: 'CREATED_AT' }, first: 2 };
    const first = await list(name, asked);
    expect([idsIn(first), first.data.totalCount]).toEqual([made.slice(0, 2), 3]);
    expect(idsIn(await list(name, { ...asked, after: first.data.pageInfo.endCursor }))).toEqual(made.slice(2));
    expect(await list(name, { after: first.data.pageInfo.endCursor })).toMatchObject({ details: { field: 'after' } });
  });

  test('pages newest first', async () => {
    const made = [await opened(name), await opened(name), await opened(name)]
      .map(({ requestId }) => requestId)
      .reverse();
    const first = (await list(name, { first: 2 })).data;
    expect(first.nodes.map(({ id }: { id: string }) => id)).toEqual(made.slice(0, 2));
    expect(first.pageInfo.hasNextPage).toBe(true);
    const next = (await list(name, { first: 1, after: first.pageInfo.endCursor })).data;
    expect(next.nodes.map(({ id }: { id: string }) => id)).toEqual(made.slice(2));
    const cursor = first.edges[1].cursor;
    const back = (await list(name, { last: 1, before: cursor })).data;
    expect(back.nodes.map(({ id }: { id: string }) => id)).toEqual(made.slice(0, 1));
  });
});

test('a pin code is told apart from a hash, and shown is neither', async () => {
  await accounts.settings({ verification: { enablePinCodeActivationRequests: true } });
  const { id, email } = await accounts.register({ activationMode: 'PIN_CODE' });
  const secret = await accounts.secret(email);
  const { data } = await list('activationRequests', ofUser(id), ['VIEW_ACTIVATION_REQUESTS', 'VIEW_USER']);
  expect(data.nodes[0].mode).toBe('PIN_CODE');
  const { secretHash } = (await accounts.request(id, 'activation')) ?? {};
  expect(secretHash).toMatch(/^[0-9a-f]{64}$/);
  expect(JSON.stringify(data)).not.toContain(secretHash);
  expect(JSON.stringify(data)).not.toContain(secret);
});

const deletions = {
  deleteActivationRequest: ['activationRequests', 'DELETE_ACTIVATION_REQUEST', 'activation_request_deleted'],
  deletePasswordResetRequest: [
    'passwordResetRequests',
    'DELETE_FORGOT_PASSWORD_REQUEST',
    'password_reset_request_deleted',
  ],
} as const;

describe.each(Object.keys(deletions) as (keyof typeof deletions)[])('%s', (operation) => {
  const [name, permission, event] = deletions[operation];
  const remove = (id: string, permissions: readonly string[] = [permission]) =>
    accounts.call(operation, { id }, { userId: newId(), permissions: [...permissions] });

  test('needs its permission', async () => {
    const { id, requestId } = await opened(name);
    const refused = await remove(requestId, [lists[name], 'DELETE_USER']);
    expect(refused).toMatchObject({ code: 'FORBIDDEN', details: { permission } });
    expect(await accounts.request(id, purposes[name])).not.toBeNull();
  });

  test('refuses an id that is none, that nothing has, and that a request of the other kind has', async () => {
    const other = name === 'activationRequests' ? 'passwordResetRequests' : 'activationRequests';
    const { id, requestId } = await opened(other);
    expect(await remove('x')).toMatchObject({ details: { field: 'input.id', code: 12 } });
    const missing = await remove(newId());
    expect(missing).toMatchObject({ code: 'NOT_FOUND', details: { field: 'input.id', code: 16 } });
    expect(await remove(requestId)).toEqual(missing);
    expect(await accounts.request(id, purposes[other])).not.toBeNull();
  });

  test('forgets the request and what its mail held, so that another mail can be asked for at once, and tells', async () => {
    const { id, email, requestId } = await opened(name);
    const hash = await accounts.secret(email);
    expect((await remove(requestId.toUpperCase())).data).toEqual({ id: requestId });
    expect(await accounts.told(id)).toContain(event);
    const [use, ask] =
      name === 'activationRequests'
        ? (['activateUser', 'requestActivation'] as const)
        : (['resetPassword', 'requestPasswordReset'] as const);
    const input = use === 'resetPassword' ? { hash, newPassword: 'Rainy-Day-2' } : { hash };
    expect((await accounts.call(use, input)).code).toMatch(/UNKNOWN$/);
    expect((await accounts.call(ask, { email })).code).toBeUndefined();
    expect((await remove(requestId)).code).toBe('NOT_FOUND');
  });
});
