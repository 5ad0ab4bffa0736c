// What processes log at their most talkative is searched for whatever a run of the clinic has said and been told: names,
// addresses, passwords, tokens, contents of documents and files.
import { expect, test } from '@jest/globals';
import { mutations } from '../support/clinic.ts';
import { describeClinic } from '../support/describe-clinic.ts';
import { eventually } from '../support/file-client.ts';
import { createGraphqlClient, signIn } from '../support/graphql-client.ts';

/** Words that stand nowhere else. */
const said = {
  firstName: 'Xanthippe',
  lastName: 'Quisenberry',
  email: 'xanthippe.quisenberry@example.org',
  phone: '+32470998877',
  password: 'Zephyr-Mauve-77',
  wrongPassword: 'Wrong-Mauve-78',
  note: 'pneumothorax on the left',
  fileName: 'mammogram-of-x.txt',
  fileText: 'no calcification seen',
  broken: 'brokenvermilion',
  header: 'ostentatious-header',
};

describeClinic(
  'logs',
  (world) => {
    test('say nothing of people, of what they keep here, or of what lets them in', async () => {
      const { shape, clinic } = world;
      const secrets = new Set<string>(Object.values(said));
      const anonymous = createGraphqlClient(shape.url);

      // Accounts: made, made twice, signed in to, refreshed, forgotten; at the end with a wrong password.
      const input = {
        email: said.email,
        firstName: said.firstName,
        lastName: said.lastName,
        phoneNumber: said.phone,
        password: said.password,
        language: 'EN',
      };
      const userId = (await clinic.admin.run(mutations.createUser, { input })).createUser.user.id;
      expect((await clinic.admin.ask(mutations.createUser, { input })).errors).toBeDefined();
      const login = `mutation ($input: LoginInput!) { login(input: $input) { accessToken refreshToken } }`;
      const { email, password, wrongPassword } = said;
      const tokens = (await anonymous.run(login, { input: { email, password } })).login;
      secrets.add(tokens.accessToken).add(tokens.refreshToken);
      const refresh =
        'mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { accessToken refreshToken } }';
      const fresh = (await anonymous.run(refresh, { input: { refreshToken: tokens.refreshToken } })).refreshSession;
      secrets.add(fresh.accessToken).add(fresh.refreshToken);
      const forgot =
        'mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { expiresAt } }';
      await anonymous.ask(forgot, { input: { email } });
      await clinic.admin.run(mutations.addPatient, { input: { userId, groupId: clinic.groupA } });

      // Documents: made, changed, refused, looked for; seen live.
      const own = await signIn(shape.url, email, password);
      secrets.add(own.token ?? '');
      const { schemaName } = clinic;
      const live = own.subscribe(
        'subscription ($name: String!) { documentChanged(schemaName: $name, after: "0") { position document { data } } }',
        { name: schemaName },
      );
      const create = (data: unknown) => own.ask(mutations.createDocument, { input: { schemaName, data } });
      expect((await create({ systolic: 120, note: said.note })).errors).toBeUndefined();
      expect((await create({ systolic: said.note })).errors).toBeDefined();
      const find = `{ documents(schemaName: "${schemaName}", filter: { field: "data.note", eq: "${said.note}" }) { totalCount } }`;
      expect((await own.run(find)).documents.totalCount).toBe(1);
      const byRql = `{ documents(schemaName: "${schemaName}", rql: "eq(data.note,${encodeURIComponent(said.note)})") { totalCount } }`;
      await own.ask(byRql);
      await own.ask(`{ user(id: "${said.email}") { id } }`);
      await own.ask(`{ unknown(email: "${said.email}") }`);
      await own.ask(`{ me { id } "${said.note}" `);
      await own.ask(`query ($v: Int!) { users(first: $v) { totalCount } }`, { v: said.note });

      // Files, and the links to them.
      const file = { name: said.fileName, mimeType: 'text/plain' };
      const { createFile } = await own.run(mutations.createFile, { input: file });
      const authorization = `Bearer ${own.token}`;
      const headers = { authorization, 'content-type': 'text/plain' };
      const put = await fetch(createFile.uploadUrl, { method: 'PUT', body: said.fileText, headers });
      expect(put.ok).toBe(true);
      const give = 'mutation ($input: CreateFileTokenInput!) { createFileToken(input: $input) { token { token } } }';
      const { token } = (await own.run(give, { input: { fileId: createFile.file.id } })).createFileToken.token;
      secrets.add(token);
      const download = await fetch(`${shape.url}/files/tokens/${token}`, { headers: { authorization } });
      expect(await download.text()).toBe(said.fileText);
      await fetch(`${shape.url}/files/tokens/${said.broken}`, { headers: { authorization } });

      // What is not even a request.
      const post = (body: string, more: Record<string, string> = {}) =>
        fetch(`${shape.url}/graphql`, {
          method: 'POST',
          body,
          headers: { 'content-type': 'application/json', ...more },
        });
      await post(`{ "query": "${said.broken}`);
      await post(JSON.stringify({ query: '{ me { id } }' }), { authorization: `Bearer ${said.header}` });
      await post(JSON.stringify({ query: '{ me { id } }' }), { authorization: `Basic ${said.header}` });
      await post(JSON.stringify({ query: '{ me { id } }' }), { 'x-request-id': `${said.header} ${said.email}` });
      const address = new URLSearchParams({ query: `{ user(id: "${said.email}") { id } }`, password: said.password });
      await fetch(`${shape.url}/graphql?${address}`, { headers: { 'x-request-id': said.broken, authorization } });
      await fetch(`${shape.url}/${said.broken}/${encodeURIComponent(said.email)}?token=${own.token}`);
      if (shape.services !== undefined) {
        const body = JSON.stringify({ query: '{ me { id } }', extensions: { caller: said.header } });
        const request = { method: 'POST', body, headers: { 'content-type': 'application/json' } };
        await fetch(`${shape.services.urlOf('users')}/subgraphs/users`, request);
      }

      await live.waitFor(1);
      await live.close();
      expect((await anonymous.ask(login, { input: { email, password: wrongPassword } })).errors).toBeDefined();
      const crossing = 'one-request-of-many';
      const nested = `{ documents(schemaName: "${schemaName}") { nodes { creator { firstName } } } }`;
      await post(JSON.stringify({ query: nested }), { authorization, 'x-request-id': crossing });
      const linesOf = (id: string) =>
        shape
          .output()
          .split('\n')
          .filter((line) => line.includes(`"requestId":"${id}"`));
      const processesOf = (id: string) => new Set(linesOf(id).map((line) => JSON.parse(line).pid));
      // One request, one id, in the log of every process that it leads to.
      const processes = shape.services === undefined ? 1 : 3;
      await eventually(async () => processesOf(crossing).size === processes);
      expect(processesOf(crossing).size).toBe(processes);
      const logged = shape.output();
      expect(logged.match(/a request was answered/g)?.length).toBeGreaterThan(25);
      // A request id that has the form of one is logged as it came: it is the client's own word for the request.
      const found = [...secrets].filter((secret) => logged.includes(secret) && secret !== said.broken);
      expect(found).toEqual([]);
      const whole = logged.split('\n').filter((line) => line.includes(said.broken));
      expect(whole.filter((line) => !line.includes(`"requestId":"${said.broken}"`))).toEqual([]);
    });
  },
  async () => ({ environment: { LOG_LEVEL: 'debug' }, close: async () => undefined }),
);
