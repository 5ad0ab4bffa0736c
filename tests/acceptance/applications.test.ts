// Applications as those who run the platform manage them over the API, and as much of them as everybody else sees.
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type ApiPeople, apiPeople } from '../support/api-people.ts';
import { sendForm } from '../support/application-requests.ts';
import { createGraphqlClient, type GraphqlAnswer, type GraphqlClient, signIn } from '../support/graphql-client.ts';
import { describeOnEachShape, type Shape } from '../support/shapes.ts';

jest.setTimeout(300_000);

const all = 'id type name description logo redirectUris confidential versions { id name clientId consumerKey }';
const operations = {
  create: `mutation ($input: CreateApplicationInput!) { createApplication(input: $input) { application { ${all} } } }`,
  update: `mutation ($input: UpdateApplicationInput!) { updateApplication(input: $input) { application { ${all} } } }`,
  remove: 'mutation ($input: DeleteApplicationInput!) { deleteApplication(input: $input) { applicationId } }',
  createVersion: `mutation ($input: CreateApplicationVersionInput!) {
    createApplicationVersion(input: $input) { version { id name clientId consumerKey } clientSecret consumerSecret }
  }`,
  deleteVersion: `mutation ($input: DeleteApplicationVersionInput!) {
    deleteApplicationVersion(input: $input) { application { versions { name } } }
  }`,
  find: `query ($id: ID!) { application(id: $id) { ${all} } }`,
  list: `query ($name: String) { applications(filter: { name: { eq: $name } }) { totalCount nodes { ${all} } } }`,
} as const;
type Operation = keyof typeof operations;

const oauth2 = {
  type: 'OAUTH2',
  name: 'Recovery at home',
  description: 'Follows your recovery.',
  redirectUris: ['https://recovery.example.org/callback', 'org.example.recovery:/callback'],
  confidential: true,
  logo: 'https://recovery.example.org/logo.svg',
};
const oauth1 = { type: 'OAUTH1', name: 'Signer', description: 'Signs its requests.' };

describeOnEachShape('applications', (start) => {
  let shape: Shape;
  let admin: GraphqlClient;
  let people: ApiPeople;
  beforeAll(async () => {
    shape = await start();
    admin = await signIn(shape.url, shape.admin.email, shape.admin.password);
    people = apiPeople(shape.url, admin);
  }, 300_000);
  afterAll(() => shape?.close(), 300_000);

  const ask = (client: GraphqlClient, operation: Operation, input: object) =>
    client.ask(operations[operation], { input });
  const refusalOf = ({ errors }: GraphqlAnswer) => errors?.[0]?.extensions;
  const notFound = (field: string) => ({ code: 'NOT_FOUND', details: { field, code: 16 } });
  async function newApplication(input: object = oauth2) {
    return (await admin.run(operations.create, { input })).createApplication.application;
  }
  async function newVersion(applicationId: string, name: string) {
    return (await admin.run(operations.createVersion, { input: { applicationId, name } })).createApplicationVersion;
  }
  const namesOfVersions = async (id: string): Promise<string[]> =>
    (await admin.run(operations.find, { id })).application.versions.map(({ name }: { name: string }) => name);

  test('nobody who is not signed in sees or changes any', async () => {
    const { id } = await newApplication();
    const anonymous = createGraphqlClient(shape.url);
    for (const answer of [
      await anonymous.ask(operations.find, { id }),
      await anonymous.ask(operations.list),
      await ask(anonymous, 'create', oauth2),
      await ask(anonymous, 'remove', { applicationId: id }),
    ]) {
      expect(refusalOf(answer)).toMatchObject({ code: 'UNAUTHENTICATED' });
    }
  });

  test.each([
    ['create', 'CREATE_APPLICATIONS'],
    ['createVersion', 'CREATE_APPLICATIONS'],
    ['update', 'UPDATE_APPLICATIONS'],
    ['remove', 'DELETE_APPLICATIONS'],
    ['deleteVersion', 'DELETE_APPLICATIONS'],
  ] as const)('%s needs %s, and no other permission does instead', async (operation, permission) => {
    const every = ['CREATE_APPLICATIONS', 'VIEW_APPLICATIONS', 'UPDATE_APPLICATIONS', 'DELETE_APPLICATIONS'];
    const others = await people.newPerson(...every.filter((each) => each !== permission));
    const allowed = await people.newPerson(permission);
    const { id: applicationId } = await newApplication();
    await newVersion(applicationId, 'v1.0.0');
    const inputs = {
      create: oauth2,
      createVersion: { applicationId, name: 'v2.0.0' },
      update: { applicationId, name: 'Renamed' },
      remove: { applicationId },
      deleteVersion: { applicationId, version: 'v1.0.0' },
    };
    expect(refusalOf(await ask(others.client, operation, inputs[operation]))).toEqual({
      code: 'FORBIDDEN',
      details: { code: 10, permission },
    });
    const { application } = await admin.run(operations.find, { id: applicationId });
    expect(application).toMatchObject({ name: oauth2.name, versions: [{ name: 'v1.0.0' }] });
    // What the answer shows of the application may need another permission; the change itself does not.
    const answer = await ask(allowed.client, operation, inputs[operation]);
    expect((answer.errors ?? []).filter(({ path }) => path?.length === 1)).toEqual([]);
    for (const error of answer.errors ?? []) {
      expect(error.extensions.details).toEqual({ code: 10, permission: 'VIEW_APPLICATIONS' });
    }
  });

  test('without VIEW_APPLICATIONS one sees what a consent page shows, and no more', async () => {
    const { id } = await newApplication({ ...oauth2, name: 'Consent' });
    await newVersion(id, 'v1.0.0');
    const { client } = await people.newPerson();
    const { type, description, logo } = oauth2;
    const shown = { id, type, name: 'Consent', description, logo };
    const open = 'id type name description logo';
    expect(await client.run(`query ($id: ID!) { application(id: $id) { ${open} } }`, { id })).toEqual({
      application: shown,
    });
    const listed = await client.ask(operations.list, { name: 'Consent' });
    const one = await client.ask(operations.find, { id });
    const hidden = { ...shown, redirectUris: null, confidential: null, versions: null };
    expect(one.data).toEqual({ application: hidden });
    expect(listed.data).toEqual({ applications: { totalCount: 1, nodes: [hidden] } });
    for (const { errors } of [one, listed]) {
      expect(errors?.map(({ path }) => path?.at(-1)).sort()).toEqual(['confidential', 'redirectUris', 'versions']);
      for (const { extensions } of errors ?? []) {
        expect(extensions).toEqual({ code: 'FORBIDDEN', details: { code: 10, permission: 'VIEW_APPLICATIONS' } });
      }
    }
    const viewer = await people.newPerson('VIEW_APPLICATIONS');
    const { application } = await viewer.client.run(operations.find, { id });
    expect(application).toMatchObject({ ...oauth2, name: 'Consent', versions: [{ name: 'v1.0.0' }] });
  });

  test.each([
    ['/callback'],
    ['https://'],
    ['https://example.org/#part'],
    ['https://example.org/a b'],
    ['javascript:alert(1)'],
    ['data:text/html,x'],
  ])('an address like %s is refused by its place, when creating and when changing', async (uri) => {
    const { id } = await newApplication();
    const redirectUris = ['https://example.org/callback', uri];
    const refusal = { code: 'BAD_USER_INPUT', details: { field: 'input.redirectUris.1' } };
    expect(refusalOf(await ask(admin, 'create', { ...oauth2, redirectUris }))).toMatchObject(refusal);
    expect(refusalOf(await ask(admin, 'update', { applicationId: id, redirectUris }))).toMatchObject(refusal);
    expect((await admin.run(operations.find, { id })).application.redirectUris).toEqual(oauth2.redirectUris);
  });

  test('OAuth 2 needs an address to send users back to, OAuth 1 has none and always keeps a secret', async () => {
    const { redirectUris, confidential, ...rest } = oauth2;
    for (const [input, field] of [
      [rest, 'redirectUris'],
      [{ ...rest, redirectUris: [] }, 'redirectUris'],
      [{ ...oauth1, redirectUris }, 'redirectUris'],
      [{ ...oauth1, confidential }, 'confidential'],
      [{ ...oauth2, name: ' ' }, 'name'],
      [{ ...oauth2, description: 'x'.repeat(251) }, 'description'],
      [{ ...oauth2, logo: 'x'.repeat(2_049) }, 'logo'],
    ] as const) {
      expect(refusalOf(await ask(admin, 'create', input))).toMatchObject({
        code: 'BAD_USER_INPUT',
        details: { field: `input.${field}` },
      });
    }
  });

  test('an application is created, changed in part and deleted', async () => {
    const { id, ...created } = await newApplication();
    expect(created).toEqual({ ...oauth2, versions: [] });
    const change = { applicationId: id, description: 'Other words.', logo: null };
    const { application } = (await admin.run(operations.update, { input: change })).updateApplication;
    const changed = { id, ...oauth2, description: 'Other words.', logo: null, versions: [] };
    expect(application).toEqual(changed);
    expect(await admin.run(operations.find, { id })).toEqual({ application: changed });
    const cleared = await ask(admin, 'update', { applicationId: id, name: null });
    expect(refusalOf(cleared)).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input.name', code: 11 } });

    const removal = await admin.run(operations.remove, { input: { applicationId: id } });
    expect(removal).toEqual({ deleteApplication: { applicationId: id } });
    expect(await admin.run(operations.find, { id })).toEqual({ application: null });
    const gone = notFound('input.applicationId');
    expect(refusalOf(await ask(admin, 'remove', { applicationId: id }))).toEqual(gone);
    expect(refusalOf(await ask(admin, 'update', change))).toEqual(gone);
    expect(refusalOf(await ask(admin, 'createVersion', { applicationId: id, name: 'v1.0.0' }))).toEqual(gone);
    expect(refusalOf(await ask(admin, 'deleteVersion', { applicationId: id, version: 'v1.0.0' }))).toEqual(gone);
  });

  test('each version has credentials of its own; which secret there is depends on the application', async () => {
    const confidential = await newApplication();
    const [first, second] = [await newVersion(confidential.id, 'v1.0.0'), await newVersion(confidential.id, 'v2.0.0')];
    expect(first).toEqual({
      version: { id: expect.any(String), name: 'v1.0.0', clientId: expect.any(String), consumerKey: null },
      clientSecret: expect.any(String),
      consumerSecret: null,
    });
    expect(second.version.clientId).not.toBe(first.version.clientId);
    expect(second.clientSecret).not.toBe(first.clientSecret);
    const open = await newApplication({ ...oauth2, confidential: false });
    expect(await newVersion(open.id, 'v1.0.0')).toMatchObject({ clientSecret: null, consumerSecret: null });
    const signer = await newApplication(oauth1);
    expect(await newVersion(signer.id, 'v1.0.0')).toMatchObject({
      version: { clientId: null, consumerKey: expect.any(String) },
      clientSecret: null,
      consumerSecret: expect.any(String),
    });
    const twice = await ask(admin, 'createVersion', { applicationId: confidential.id, name: 'v1.0.0' });
    expect(refusalOf(twice)).toEqual({ code: 'ALREADY_EXISTS', details: { field: 'input.name', code: 17 } });
    expect(await namesOfVersions(confidential.id)).toEqual(['v1.0.0', 'v2.0.0']);
  });

  test('a version is deleted by name and by id, of its own application only, and refused from then on', async () => {
    const [{ id: applicationId }, other] = [await newApplication(), await newApplication()];
    const made = [];
    for (const name of ['v1.0.0', 'v2.0.0', 'v3.0.0']) made.push(await newVersion(applicationId, name));
    const [byName, byId] = made;
    const missing = notFound('input.version');
    for (const version of ['v9.0.0', byId.version.clientId]) {
      expect(refusalOf(await ask(admin, 'deleteVersion', { applicationId, version }))).toEqual(missing);
    }
    for (const version of ['v1.0.0', byId.version.id]) {
      expect(refusalOf(await ask(admin, 'deleteVersion', { applicationId: other.id, version }))).toEqual(missing);
    }
    const answerTo = async ({ version, clientSecret }: typeof byId) => {
      const application = { clientId: version.clientId, clientSecret };
      const { email: username, password } = shape.admin;
      const { status, body } = await sendForm(shape.url, {
        application,
        parameters: { grant_type: 'password', username, password },
      });
      return [status, body.error];
    };
    expect(await answerTo(byName)).toEqual([200, undefined]);
    await admin.run(operations.deleteVersion, { input: { applicationId, version: 'v1.0.0' } });
    const last = await admin.run(operations.deleteVersion, { input: { applicationId, version: byId.version.id } });
    expect(last.deleteApplicationVersion.application.versions).toEqual([{ name: 'v3.0.0' }]);
    expect(await answerTo(byName)).toEqual([401, 'invalid_client']);
    expect(await answerTo(byId)).toEqual([401, 'invalid_client']);
    expect(await answerTo(made[2])).toEqual([200, undefined]);
    expect(refusalOf(await ask(admin, 'deleteVersion', { applicationId, version: 'v1.0.0' }))).toEqual(missing);
  });

  test('a secret is in no later answer, event or log, and no field asks for it', async () => {
    const secrets: string[] = [];
    for (const input of [oauth2, oauth1]) {
      const { id } = await newApplication({ ...input, name: 'Secretive' });
      const { clientSecret, consumerSecret } = await newVersion(id, 'v1.0.0');
      secrets.push(clientSecret ?? consumerSecret);
    }
    const listed = JSON.stringify(await admin.run(operations.list, { name: 'Secretive' }));
    const types = ['application_created', 'application_version_created'];
    const events = `query ($types: [String!]) {
      events(filter: { type: { in: $types } }, first: 100) { nodes { type content } }
    }`;
    const told = JSON.stringify(await admin.run(events, { types }));
    expect(listed).toContain('v1.0.0');
    expect(told).toContain('application_version_created');
    for (const secret of secrets) {
      expect(secret).toEqual(expect.any(String));
      expect(listed + told).not.toContain(secret);
      expect(shape.output()).not.toContain(secret);
    }
    for (const field of ['clientSecret', 'consumerSecret', 'secretHash', 'sealedSecret']) {
      const answer = await admin.ask(`{ applications { nodes { versions { ${field} } } } }`);
      expect(refusalOf(answer)).toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED' });
    }
  });
});
