// Passkeys as a browser makes and uses them: Chromium with a virtual authenticator (WebAuthn over CDP) against the real
// program at http://localhost, since passkeys know no IP addresses.

import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { CDPSession, Page } from 'playwright-core';
import { freePort, temporaryFolder } from '../../operations/servers/throwaway-process.ts';
import { mutations } from '../support/clinic.ts';
import { createGraphqlClient, type GraphqlClient, signIn } from '../support/graphql-client.ts';
import { type Program, startProgram } from '../support/program.ts';
import { type Browser, describeInBrowser, openBrowser } from './open-browser.ts';

// A browser beside other suites on a small machine takes its time.
jest.setTimeout(300_000);

const admin = { email: 'admin@example.org', password: 'Correct-Horse-1' };
const operations = {
  confirmPresence: 'mutation ($input: ConfirmPresenceInput!) { confirmPresence(input: $input) { presenceToken } }',
  addMfaMethod: `mutation ($input: AddMfaMethodInput!) {
    addMfaMethod(input: $input) { method { id } codes passkeyOptions }
  }`,
  confirmMfaMethod: `mutation ($input: ConfirmMfaMethodInput!) {
    confirmMfaMethod(input: $input) { method { id verified } }
  }`,
  enableMfa: 'mutation ($input: EnableMfaInput!) { enableMfa(input: $input) { setting { enabled } } }',
  login: 'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }',
  loginWithMfa: 'mutation ($input: LoginWithMfaInput!) { loginWithMfa(input: $input) { accessToken user { id } } }',
} as const;

// Tests read results loosely; what they expect stands in their assertions.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Data = any;

interface Person {
  readonly client: GraphqlClient;
  readonly email: string;
  readonly password: string;
  readonly presenceToken: string;
}

describeInBrowser('a passkey', () => {
  let program: Program;
  let url: string;
  let dataDir: string;
  let browser: Browser;
  let page: Page;
  let devices: CDPSession;
  let authenticatorId: string;
  /** An application that PASSKEY_ORIGINS names, and one that it does not. */
  let named: OtherPage;
  let unnamed: OtherPage;
  let anonymous: GraphqlClient;
  let count = 0;

  beforeAll(async () => {
    const port = await freePort();
    url = `http://localhost:${port}`;
    dataDir = temporaryFolder('data');
    [named, unnamed] = [await startPage(), await startPage()];
    program = await startProgram({
      script: 'gateway/main.js',
      url: `http://127.0.0.1:${port}`,
      environment: {
        PORT: `${port}`,
        PUBLIC_URL: url,
        PASSKEY_ORIGINS: named.origin,
        DATA_DIR: dataDir,
        DEMO: 'false',
        ADMIN_EMAIL: admin.email,
        ADMIN_PASSWORD: admin.password,
      },
    });
    // Over the address that the program listens on; the browser comes by name.
    anonymous = createGraphqlClient(`http://127.0.0.1:${port}`);
    browser = await openBrowser();
    page = await browser.context.newPage();
    devices = await browser.context.newCDPSession(page);
    await devices.send('WebAuthn.enable');
    await page.goto(`${url}/graphiql`);
  });

  afterAll(async () => {
    await browser?.close();
    await program?.end();
    named?.close();
    unnamed?.close();
    if (dataDir !== undefined) await rm(dataDir, { recursive: true, force: true });
  });

  test('signs in, on the platform’s own pages and on those of an application that is named', async () => {
    await newDevice();
    const person = await newPerson();
    const methodId = await protect(person);
    for (const origin of [url, named.origin]) {
      await page.goto(origin === url ? `${url}/graphiql` : origin);
      const challenge = await challengeOf(person);
      expect(challenge.methods).toEqual(
        expect.arrayContaining([{ id: methodId, type: 'PASSKEY', name: 'My laptop', tags: [] }]),
      );
      const credential = await use(challenge.passkeyOptions);
      const answer = await finish({ token: challenge.token, methodId, credential });
      expect(answer).toMatchObject({ data: { loginWithMfa: { user: { id: person.client.userId } } } });
      // Neither the challenge nor the signature is good twice.
      expect(codeOf(await finish({ token: challenge.token, methodId, credential }))).toBe('INVALID_MFA_TOKEN');
      const { token } = await challengeOf(person);
      expect(codeOf(await finish({ token, methodId, credential }))).toBe('INVALID_MFA_CODE');
      await pause(1_100);
    }
  });

  test('is refused with the signature of another challenge, of another person, or changed', async () => {
    await newDevice();
    const person = await newPerson();
    const methodId = await protect(person);
    const [first, second] = [await challengeOf(person), await challengeOf(person)];
    const credential = await use(first.passkeyOptions);
    expect(codeOf(await finish({ token: second.token, methodId, credential }))).toBe('INVALID_MFA_CODE');
    await pause(1_100);
    const changed = { ...credential, response: { ...credential.response, signature: 'MEUCIQ' } };
    expect(codeOf(await finish({ token: first.token, methodId, credential: changed }))).toBe('INVALID_MFA_CODE');
    const early = await finish({ token: first.token, methodId, credential });
    expect(early.errors?.[0]?.extensions).toMatchObject({
      code: 'MFA_REATTEMPT_DELAY',
      details: { code: 134, remainingDelay: expect.any(Number) },
    });
    await newDevice();
    const thief = await newPerson();
    const stolen = await protect(thief);
    const theirs = await use((await challengeOf(thief)).passkeyOptions);
    await pause(2_100);
    expect(codeOf(await finish({ token: first.token, methodId, credential: theirs }))).toBe('INVALID_MFA_CODE');
    await pause(2_100);
    expect(codeOf(await finish({ token: first.token, methodId: stolen, credential: theirs }))).toBe('INVALID_MFA_CODE');
    await pause(3_100);
    expect((await finish({ token: first.token, methodId, credential })).errors).toBeUndefined();
  });

  test('is refused on pages of an application that is not named', async () => {
    await newDevice();
    const person = await newPerson();
    const methodId = await protect(person);
    const { token, passkeyOptions } = await challengeOf(person);
    await page.goto(unnamed.origin);
    const credential = await use(passkeyOptions);
    expect(codeOf(await finish({ token, methodId, credential }))).toBe('INVALID_MFA_CODE');
  });

  test('is not registered from pages of an application that is not named, nor for another challenge', async () => {
    await newDevice();
    const person = await newPerson();
    const { method, passkeyOptions } = await add(person, 'PASSKEY');
    await page.goto(unnamed.origin);
    const elsewhere = await create(passkeyOptions);
    expect(codeOf(await confirm(person, method.id, elsewhere))).toBe('INVALID_MFA_CODE');
    await pause(1_100);
    await newDevice();
    const other = await add(person, 'PASSKEY');
    const credential = await create(other.passkeyOptions);
    expect(codeOf(await confirm(person, method.id, credential))).toBe('INVALID_MFA_CODE');
    await pause(1_100);
    expect((await confirm(person, other.method.id, credential)).errors).toBeUndefined();
    expect(codeOf(await confirm(person, other.method.id, credential))).toBe('ILLEGAL_STATE');
  });

  test('that was copied is refused once the other copy was used', async () => {
    await newDevice();
    const person = await newPerson();
    const methodId = await protect(person);
    const [original] = (await devices.send('WebAuthn.getCredentials', { authenticatorId })).credentials;
    if (original === undefined) throw new Error('The device holds no passkey');
    for (let time = 0; time < 2; time += 1) {
      const { token, passkeyOptions } = await challengeOf(person);
      expect((await finish({ token, methodId, credential: await use(passkeyOptions) })).errors).toBeUndefined();
    }
    await newDevice();
    await devices.send('WebAuthn.addCredential', { authenticatorId, credential: original });
    const { token, passkeyOptions } = await challengeOf(person);
    const copied = await use(passkeyOptions);
    expect(codeOf(await finish({ token, methodId, credential: copied }))).toBe('INVALID_MFA_CODE');
  });

  test('is offered for registration once for each device, and belongs to one person', async () => {
    await newDevice();
    const person = await newPerson();
    await protect(person);
    const again = await add(person, 'PASSKEY');
    await expect(create(again.passkeyOptions)).rejects.toThrow('InvalidStateError');
    await newDevice();
    const methodId = await register(person);
    const { token, passkeyOptions } = await challengeOf(person);
    expect(passkeyOptions.allowCredentials).toHaveLength(2);
    expect((await finish({ token, methodId, credential: await use(passkeyOptions) })).errors).toBeUndefined();
  });

  /** A device with a user who agrees to everything, instead of the one before. */
  async function newDevice(): Promise<void> {
    if (authenticatorId !== undefined) await devices.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
    const options = {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    } as const;
    ({ authenticatorId } = await devices.send('WebAuthn.addVirtualAuthenticator', { options }));
    await page.goto(`${url}/graphiql`);
  }

  async function newPerson(): Promise<Person> {
    count += 1;
    const account = { email: `person-${count}@example.org`, password: 'Correct-Horse-1' };
    const base = url.replace('localhost', '127.0.0.1');
    const input = { ...account, firstName: 'Ann', lastName: 'Other' };
    await (await signIn(base, admin.email, admin.password)).run(mutations.createUser, { input });
    const client = await signIn(base, account.email, account.password);
    const { confirmPresence } = await client.run(operations.confirmPresence, { input: { password: account.password } });
    return { ...account, client, presenceToken: confirmPresence.presenceToken };
  }

  async function add({ client, presenceToken }: Person, type: string, name?: string): Promise<Data> {
    return (await client.run(operations.addMfaMethod, { input: { presenceToken, type, name } })).addMfaMethod;
  }

  function confirm({ client, presenceToken }: Person, methodId: string, credential: Data) {
    return client.ask(operations.confirmMfaMethod, { input: { presenceToken, methodId, credential } });
  }

  /** The id of the method. */
  async function register(person: Person): Promise<string> {
    const { method, passkeyOptions } = await add(person, 'PASSKEY', 'My laptop');
    const { data } = await confirm(person, method.id, await create(passkeyOptions));
    expect(data?.confirmMfaMethod.method).toEqual({ id: method.id, verified: true });
    return method.id;
  }

  /** Registers a passkey of the present device, adds recovery codes and turns the second factor on. */
  async function protect(person: Person): Promise<string> {
    const methodId = await register(person);
    await add(person, 'RECOVERY_CODES');
    const { presenceToken } = person;
    const { enableMfa } = await person.client.run(operations.enableMfa, { input: { presenceToken } });
    expect(enableMfa.setting.enabled).toBe(true);
    return methodId;
  }

  async function challengeOf({ email, password }: Person): Promise<Data> {
    const { errors } = await anonymous.ask(operations.login, { input: { email, password } });
    expect(errors?.[0]?.extensions.code).toBe('MFA_REQUIRED');
    return errors?.[0]?.extensions.details;
  }

  const finish = (input: Record<string, unknown>) => anonymous.ask(operations.loginWithMfa, { input });

  // In the page, as an application calls the browser. As text: this project's types know no browser.

  function create(options: Data): Promise<Data> {
    return credentialFrom(
      `create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(${asText(options)}) })`,
    );
  }

  function use(options: Data): Promise<Data> {
    return credentialFrom(`get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(${asText(options)}) })`);
  }

  function credentialFrom(call: string): Promise<Data> {
    return page.evaluate(`navigator.credentials.${call}.then((credential) => credential.toJSON())`);
  }
});

const asText = (value: unknown) => JSON.stringify(value);
const codeOf = ({ errors }: { errors?: Data }): unknown => errors?.[0]?.extensions.code;
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

interface OtherPage {
  readonly origin: string;
  close(): void;
}

/** An empty page at a port of its own. */
async function startPage(): Promise<OtherPage> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>An application</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://localhost:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}
