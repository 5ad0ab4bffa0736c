// Two gateways in front of the same services: what is taken away or counted through one of them holds at the other from
// its very next request on, although the other had everything in its caches and a socket open.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bloodPressure, mutations } from '../support/clinic.ts';
import type { GraphqlAnswer, GraphqlClient } from '../support/graphql-client.ts';
import { createGraphqlClient, signIn } from '../support/graphql-client.ts';
import { type Credentials, signRequest } from '../support/oauth1-signer.ts';
import { registerApplication } from '../support/oauth2-applications.ts';
import { createProgramClock, type ProgramClock } from '../support/program-clock.ts';
import type { DistributedShape } from '../support/shapes.ts';
import { describeOnDistributedShape } from '../support/shapes.ts';
import type { SmtpServer } from '../support/smtp.ts';
import { startSmtp } from '../support/smtp.ts';

const password = 'Correct-Horse-2';
const operations = {
  ...mutations,
  register: 'mutation ($input: RegisterUserInput!) { registerUser(input: $input) { user { id } } }',
  activate: 'mutation ($input: ActivateUserInput!) { activateUser(input: $input) { activated } }',
  requestReset: 'mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { expiresAt } }',
  reset: 'mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { reset } }',
  deleteUser: 'mutation ($input: DeleteUserInput!) { deleteUser(input: $input) { userId } }',
  login: 'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }',
  logout: 'mutation { logout { user { id } } }',
  revoke: 'mutation ($input: RevokeSessionInput!) { revokeSession(input: $input) { sessionId } }',
  revokeOthers: 'mutation { revokeOtherSessions { sessionIds } }',
  removeRoles: 'mutation ($input: RemoveRolesFromUsersInput!) { removeRolesFromUsers(input: $input) { users { id } } }',
  deleteRoles: 'mutation ($input: DeleteRolesInput!) { deleteRoles(input: $input) { roleIds } }',
  removePermissions: `mutation ($input: RemovePermissionsFromRolesInput!) {
    removePermissionsFromRoles(input: $input) { roles { id } }
  }`,
  removeRolesFromStaff: `mutation ($input: RemoveRolesFromStaffInput!) {
    removeRolesFromStaff(input: $input) { users { id } }
  }`,
  deleteApplication:
    'mutation ($input: DeleteApplicationInput!) { deleteApplication(input: $input) { applicationId } }',
  createApplication:
    'mutation ($input: CreateApplicationInput!) { createApplication(input: $input) { application { id } } }',
  createVersion: `mutation ($input: CreateApplicationVersionInput!) {
    createApplicationVersion(input: $input) { version { consumerKey } consumerSecret }
  }`,
  createToken: 'mutation ($input: LoginInput!) { createOAuth1Token(input: $input) { token { id token } tokenSecret } }',
  deleteToken: 'mutation ($input: DeleteTokenInput!) { deleteOAuth1Token(input: $input) { id } }',
} as const;
const me = '{ me { id } }';
const documentChanged = `subscription ($schemaName: String, $documentId: ID) {
  documentChanged(schemaName: $schemaName, documentId: $documentId, after: "0") { kind documentId }
}`;
const codeOf = (answer: GraphqlAnswer) => answer.errors?.[0]?.extensions.code;

describeOnDistributedShape('two gateways', (start) => {
  let smtp: SmtpServer;
  let clock: ProgramClock;
  let shape: DistributedShape;
  let here: string;
  let there: string;
  let admin: GraphqlClient;
  let anyone: GraphqlClient;
  let made = 0;

  beforeAll(async () => {
    smtp = await startSmtp();
    clock = createProgramClock();
    const mail = { SMTP_URL: smtp.url, MAIL_FROM: 'Clinic <no-reply@clinic.example>' };
    shape = await start({ ...clock.environment, ...mail });
    here = shape.url;
    there = await shape.startReplica();
    admin = await signIn(here, shape.admin.email, shape.admin.password);
    anyone = createGraphqlClient(here);
  }, 300_000);
  afterAll(async () => {
    await shape?.close();
    clock?.remove();
    await smtp?.stop();
  }, 300_000);

  const hashIn = (text: string) => /\b[0-9a-f]{40}\b/.exec(text)?.[0] ?? '';
  const newName = () => `replica-${++made}`;
  /** The same user with the same access token, at the other gateway. */
  const elsewhere = ({ token, userId }: GraphqlClient) => createGraphqlClient(there, token, userId);

  async function newUser(): Promise<{ userId: string; email: string }> {
    const email = `${newName()}@example.org`;
    const input = { email, firstName: 'Ann', lastName: 'Other', password, phoneNumber: '+32 2 000 00 00' };
    const userId = (await anyone.run(operations.register, { input })).registerUser.user.id;
    const hash = hashIn((await smtp.waitForMail(email)).text);
    await anyone.run(operations.activate, { input: { hash } });
    return { userId, email };
  }
  async function newSchema(): Promise<string> {
    const name = newName();
    const definition = { ...bloodPressure, readMode: ['creator', 'linkedGroupPatients'] };
    await admin.run(operations.createSchema, { input: { name, description: name, definition } });
    return name;
  }
  async function record(who: GraphqlClient, schemaName: string): Promise<string> {
    const input = { schemaName, data: { systolic: 120 } };
    return (await who.run(operations.createDocument, { input })).createDocument.document.id;
  }

  interface Session {
    readonly email: string;
    readonly client: GraphqlClient;
    readonly applicationId?: string;
  }
  async function byPassword(): Promise<Session> {
    const { email } = await newUser();
    return { email, client: await signIn(here, email, password) };
  }
  async function byApplication(): Promise<Session> {
    const { userId, email } = await newUser();
    const { id: applicationId, clientId } = await registerApplication(admin, {
      confidential: false,
      redirectUris: ['http://localhost:9/'],
    });
    const fields = { grant_type: 'password', username: email, password, client_id: clientId };
    const response = await fetch(`${here}/oauth2/token`, { method: 'POST', body: new URLSearchParams(fields) });
    const { access_token: token } = (await response.json()) as { access_token: string };
    return { email, client: createGraphqlClient(here, token, userId), applicationId };
  }
  const currentSession = async (client: GraphqlClient): Promise<string> =>
    (await client.run('{ sessions { nodes { id current } } }')).sessions.nodes.find(
      ({ current }: { current: boolean }) => current,
    ).id;

  test.each<[string, () => Promise<Session>, (session: Session) => Promise<unknown>]>([
    ['signing out', byPassword, ({ client }) => client.run(operations.logout)],
    [
      'revoking the session from another one',
      byPassword,
      async ({ email, client }) => {
        const input = { sessionId: await currentSession(client) };
        await (await signIn(here, email, password)).run(operations.revoke, { input });
      },
    ],
    [
      'revoking all other sessions',
      byPassword,
      async ({ email }) => (await signIn(here, email, password)).run(operations.revokeOthers),
    ],
    [
      'a new password by mail',
      byPassword,
      async ({ email }) => {
        await anyone.run(operations.requestReset, { input: { email } });
        const hash = hashIn((await smtp.waitForMail(email)).text);
        await anyone.run(operations.reset, { input: { hash, newPassword: 'New-Horse-3' } });
      },
    ],
    [
      'deleting the user',
      byPassword,
      ({ client }) => admin.run(operations.deleteUser, { input: { userId: client.userId } }),
    ],
    [
      'deleting the application',
      byApplication,
      ({ applicationId }) => admin.run(operations.deleteApplication, { input: { applicationId } }),
    ],
  ])('%s ends the session at the other gateway, and its open socket', async (_what, begin, end) => {
    const session = await begin();
    const viewer = elsewhere(session.client);
    const socket = viewer.subscribe(documentChanged, { documentId: await record(viewer, await newSchema()) });
    await socket.waitFor(1);
    expect((await viewer.run(me)).me.id).toBe(session.client.userId);
    await end(session);
    expect(await viewer.ask(me)).toMatchObject({ status: 401, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    await socket.waitUntilEnded();
    expect(socket.failure[0].extensions.code).toBe('UNAUTHENTICATED');
    expect(socket.received).toHaveLength(1);
  });

  interface Grant {
    readonly groupId: string;
    readonly userIds: readonly (string | undefined)[];
    readonly roleIds: readonly string[];
  }
  const permissions = ['VIEW_DOCUMENTS', 'REMOVE_PATIENT'];
  async function newRole(groupId?: string): Promise<string[]> {
    const input = { name: newName(), ...(groupId === undefined ? {} : { groupId }) };
    const roleIds = [(await admin.run(operations.createRole, { input })).createRole.role.id];
    await admin.run(operations.addPermissions, { input: { roleIds, permissions } });
    return roleIds;
  }
  async function everywhere({ groupId, userIds }: Omit<Grant, 'roleIds'>): Promise<Grant> {
    const roleIds = await newRole();
    await admin.run(operations.addRoles, { input: { userIds, roleIds } });
    return { groupId, userIds, roleIds };
  }
  async function asStaff({ groupId, userIds }: Omit<Grant, 'roleIds'>): Promise<Grant> {
    const roleIds = await newRole(groupId);
    await admin.run(operations.addStaff, { input: { userIds, groupIds: [groupId], roleIds } });
    return { groupId, userIds, roleIds };
  }
  async function asPatient({ groupId, userIds }: Omit<Grant, 'roleIds'>): Promise<Grant> {
    await admin.run(operations.addPatient, { input: { userId: userIds[0], groupId } });
    return { groupId, userIds, roleIds: [] };
  }
  const sight = `query ($id: ID!, $schemaName: String!) {
    document(id: $id) { id } documents(schemaName: $schemaName) { totalCount }
  }`;

  test.each<[string, typeof everywhere, (grant: Grant) => Promise<unknown>]>([
    [
      'a role everywhere that is taken away',
      everywhere,
      ({ userIds, roleIds }) => admin.run(operations.removeRoles, { input: { userIds, roleIds } }),
    ],
    [
      'a role everywhere that is deleted',
      everywhere,
      ({ roleIds }) => admin.run(operations.deleteRoles, { input: { roleIds } }),
    ],
    [
      'a role everywhere that loses its permissions',
      everywhere,
      ({ roleIds }) => admin.run(operations.removePermissions, { input: { roleIds, permissions } }),
    ],
    [
      'a role in a group that is taken away',
      asStaff,
      (input) => admin.run(operations.removeRolesFromStaff, { input: { ...input } }),
    ],
    [
      'a role in a group that is deleted',
      asStaff,
      ({ roleIds }) => admin.run(operations.deleteRoles, { input: { roleIds } }),
    ],
    [
      'a role in a group that loses its permissions',
      asStaff,
      ({ roleIds }) => admin.run(operations.removePermissions, { input: { roleIds, permissions } }),
    ],
    [
      'a place in the staff',
      asStaff,
      ({ groupId, userIds }) => admin.run(operations.removeStaff, { input: { userIds, groupIds: [groupId] } }),
    ],
    [
      'an enlistment as patient',
      asPatient,
      ({ groupId, userIds: [userId] }) => admin.run(operations.removePatient, { input: { userId, groupId } }),
    ],
  ])('%s is gone at the other gateway, on its open socket too', async (_what, give, take) => {
    const input = { name: newName(), description: 'A ward' };
    const groupId = (await admin.run(operations.createGroup, { input })).createGroup.group.id;
    const [{ client: writer }, { client }] = [await byPassword(), await byPassword()];
    await admin.run(operations.addPatient, { input: { userId: writer.userId, groupId } });
    const schemaName = await newSchema();
    const grant = await give({ groupId, userIds: [client.userId] });

    const viewer = elsewhere(client);
    const [foreign, own] = [await record(writer, schemaName), await record(viewer, schemaName)];
    const socket = viewer.subscribe(documentChanged, { schemaName });
    await socket.waitFor(3);
    expect(await viewer.run(sight, { id: foreign, schemaName })).toEqual({
      document: { id: foreign },
      documents: { totalCount: 2 },
    });
    // The administrator is no patient of it: only who may remove patients hears that.
    const removal = { input: { userId: admin.userId, groupId } };
    const before = await viewer.ask(operations.removePatient, removal);
    expect(codeOf(before)).toBe(grant.roleIds.length > 0 ? 'NOT_FOUND' : 'FORBIDDEN');

    await take(grant);
    // At the same time, so that each is the next request.
    const [seen, after] = await Promise.all([
      viewer.run(sight, { id: foreign, schemaName }),
      viewer.ask(operations.removePatient, removal),
    ]);
    expect(seen).toEqual({ document: null, documents: { totalCount: 1 } });
    expect(codeOf(after)).toBe('FORBIDDEN');
    await admin.run(operations.updateDocument, { input: { id: foreign, data: { systolic: 130 } } });
    await record(writer, schemaName);
    // Changes come in order: once the viewer has this one, what came before was kept back.
    const last = await record(viewer, schemaName);
    const received = await socket.waitFor(5);
    expect(received.map(({ data: { documentChanged: change } }) => [change.kind, change.documentId])).toEqual([
      ['ACCESS_GAINED', null],
      ['CREATED', foreign],
      ['CREATED', own],
      ['ACCESS_LOST', null],
      ['CREATED', last],
    ]);
    await socket.close();
  });

  test('failed sign-ins count together: who fails at one gateway waits at both', async () => {
    const { userId, email } = await newUser();
    const tryAt = (url: string, given: string) =>
      createGraphqlClient(url).ask(operations.login, { input: { email, password: given } });
    await clock.whileStanding(async () => {
      const together = await Promise.all([here, there, here, there].map((url) => tryAt(url, 'Wrong-Horse-1')));
      expect(together.map(codeOf).sort()).toEqual([
        'INVALID_CREDENTIALS',
        'LOGIN_TIMEOUT',
        'LOGIN_TIMEOUT',
        'LOGIN_TIMEOUT',
      ]);
      for (let failed = 1; failed < 10; failed += 1) {
        await clock.move(1_000);
        expect(codeOf(await tryAt(failed % 2 === 0 ? here : there, 'Wrong-Horse-1'))).toBe('INVALID_CREDENTIALS');
      }
      for (const url of [here, there]) expect(codeOf(await tryAt(url, password))).toBe('LOGIN_FREEZE');
    });
    const count = 'query ($id: ID!) { user(id: $id) { failedCount } }';
    for (const asked of [admin, elsewhere(admin)]) {
      expect((await asked.run(count, { id: userId })).user.failedCount).toBe(10);
    }
  });

  test('a signed request is good at one gateway once, and what signs it is refused at both when it is gone', async () => {
    const { userId, email } = await newUser();
    const consumer = await newConsumer();
    const sign = (token?: Credentials) => {
      const timestamp = Math.floor(clock.now() / 1_000);
      const request = { method: 'POST', url: `${here}/graphql`, consumer, timestamp };
      return signRequest(token === undefined ? request : { ...request, token });
    };
    const login = { input: { email, password } };
    const newToken = async (): Promise<Credentials & { id: string }> => {
      const { token, tokenSecret } = (await send(here, sign(), operations.createToken, login)).data.createOAuth1Token;
      return { id: token.id, key: token.token, secret: tokenSecret };
    };
    const [token, other] = [await newToken(), await newToken()];
    const good = { status: 200, data: { me: { id: userId } } };
    const refused = (code: string) => expect.objectContaining({ status: 401, code });

    for (const [first, second] of [
      [here, there],
      [there, here],
    ] as const) {
      const authorization = sign(token);
      expect(await send(first, authorization, me)).toMatchObject(good);
      expect(await send(second, authorization, me)).toEqual(refused('REPLAYED_REQUEST'));
    }
    const authorization = sign(token);
    const answers = await Promise.all([here, there, here, there].map((url) => send(url, authorization, me)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);

    expect(await send(there, sign(other), me)).toMatchObject(good);
    await admin.run(operations.deleteToken, { input: { id: other.id } });
    expect(await send(there, sign(other), me)).toEqual(refused('OAUTH_TOKEN_UNKNOWN'));
    expect(await send(there, sign(token), me)).toMatchObject(good);
    await admin.run(operations.deleteApplication, { input: { applicationId: consumer.applicationId } });
    expect(await send(there, sign(token), me)).toEqual(refused('OAUTH_KEY_UNKNOWN'));
  });

  async function newConsumer(): Promise<Credentials & { applicationId: string }> {
    const input = { type: 'OAUTH1', name: newName(), description: 'Signs its requests' };
    const applicationId = (await admin.run(operations.createApplication, { input })).createApplication.application.id;
    const version = { input: { applicationId, name: 'v1.0.0' } };
    const { createApplicationVersion: created } = await admin.run(operations.createVersion, version);
    return { applicationId, key: created.version.consumerKey, secret: created.consumerSecret };
  }
  async function send(url: string, authorization: string, query: string, variables: object = {}) {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify({ query, variables }),
    });
    const answer: GraphqlAnswer = { status: response.status, ...((await response.json()) as object) };
    return { ...answer, code: codeOf(answer) };
  }

  test('leave nothing of passwords, hashes or addresses in the logs', () => {
    expect(shape.output()).not.toMatch(/Horse|replica-\d+@|\b[0-9a-f]{40}\b/);
  });
});
