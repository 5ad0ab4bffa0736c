// People with second factors, through the operations of `auth` as a client uses them.
import type { ExecutionResult } from 'graphql';
import { generateSync } from 'otplib';
import type { TestSubgraphs } from './subgraphs.ts';

/** A clock that tests move. */
export interface MovingClock {
  now: number;
}

export interface MfaUser {
  readonly userId: string;
  readonly email: string;
  readonly password: string;
}

export interface TotpUser extends MfaUser {
  readonly secret: string;
  readonly totpId: string;
  readonly codes: string[];
  readonly codesId: string;
}

// Tests read results loosely; what they expect stands in their assertions.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Data = any;
type Input = Record<string, unknown>;

const operations = {
  login: 'mutation ($input: LoginInput!) { login(input: $input) { accessToken user { id } } }',
  loginWithMfa: `mutation ($input: LoginWithMfaInput!) {
    loginWithMfa(input: $input) { accessToken refreshToken expiresIn user { id } }
  }`,
  confirmPresence: `mutation ($input: ConfirmPresenceInput!) {
    confirmPresence(input: $input) { presenceToken expiresAt }
  }`,
  addMfaMethod: `mutation ($input: AddMfaMethodInput!) {
    addMfaMethod(input: $input) {
      method { id type name tags verified codesLeft } secret uri codes passkeyOptions
    }
  }`,
  confirmMfaMethod: `mutation ($input: ConfirmMfaMethodInput!) {
    confirmMfaMethod(input: $input) { method { id type verified } }
  }`,
  removeMfaMethod: `mutation ($input: RemoveMfaMethodInput!) {
    removeMfaMethod(input: $input) { setting { enabled methods { id } } }
  }`,
  enableMfa: 'mutation ($input: EnableMfaInput!) { enableMfa(input: $input) { setting { enabled user { id } } } }',
  disableMfa: 'mutation ($input: DisableMfaInput!) { disableMfa(input: $input) { setting { enabled } } }',
} as const;

export type MfaOperation = keyof typeof operations;

export interface MfaClient {
  newUser(): Promise<MfaUser>;
  /** As this user, or as nobody, with permissions that hold everywhere. */
  ask(
    operation: MfaOperation,
    input: Input,
    as?: { readonly userId: string; readonly permissions?: string[] },
  ): Promise<ExecutionResult<Data>>;
  /** The answer of the operation; throws when it is refused. */
  run(operation: MfaOperation, input: Input, as?: { readonly userId: string }): Promise<Data>;
  presence(user: MfaUser): Promise<string>;
  /** A user with a confirmed TOTP method and recovery codes, turned on; the code of the present step is not used up. */
  protectedUser(): Promise<TotpUser>;
  /** The details of MFA_REQUIRED. */
  challenge(user: MfaUser): Promise<Data>;
  /** The code that an app shows so many steps of 30 seconds from now. */
  codeOf(secret: string, steps?: number): string;
}

/** What a client is told of a refusal. */
export function refusal({ errors }: ExecutionResult<Data>): Data {
  return errors?.[0]?.extensions ?? null;
}

export function mfaClient(graph: TestSubgraphs, clock: MovingClock): MfaClient {
  let count = 0;
  const client: MfaClient = {
    async newUser() {
      count += 1;
      const account = { email: `person-${count}@example.org`, password: 'Correct-Horse-1' };
      const input = { ...account, firstName: 'Ann', lastName: 'Other', language: 'EN' };
      const result = await graph.execute('users', {
        query: 'mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }',
        variables: { input },
        identity: { userId: '00000000-0000-4000-8000-000000000000', permissions: ['CREATE_USER', 'VIEW_USER'] },
      });
      if (result.errors !== undefined) throw new Error(result.errors[0]?.message);
      return { ...account, userId: result.data.createUser.user.id };
    },
    ask: (operation, input, as) =>
      graph.execute('auth', {
        query: operations[operation],
        variables: { input },
        ...(as === undefined ? {} : { identity: { userId: as.userId, permissions: as.permissions ?? [] } }),
      }),
    async run(operation, input, as) {
      const result = await client.ask(operation, input, as);
      if (result.errors !== undefined) throw new Error(`${operation}: ${JSON.stringify(result.errors)}`);
      return result.data[operation];
    },
    presence: async (user) => (await client.run('confirmPresence', { password: user.password }, user)).presenceToken,
    async protectedUser() {
      const user = await client.newUser();
      const presenceToken = await client.presence(user);
      const recovery = await client.run('addMfaMethod', { presenceToken, type: 'RECOVERY_CODES' }, user);
      const totp = await client.run('addMfaMethod', { presenceToken, type: 'TOTP' }, user);
      const methodId = totp.method.id;
      await client.run('confirmMfaMethod', { presenceToken, methodId, code: client.codeOf(totp.secret) }, user);
      await client.run('enableMfa', { presenceToken }, user);
      clock.now += 30_000;
      return {
        ...user,
        secret: totp.secret,
        totpId: methodId,
        codes: recovery.codes,
        codesId: recovery.method.id,
      };
    },
    async challenge({ email, password }) {
      const { code, details } = refusal(await client.ask('login', { email, password }));
      if (code !== 'MFA_REQUIRED') throw new Error(`The answer was ${code}`);
      return details;
    },
    codeOf: (secret, steps = 0) => generateSync({ secret, epoch: Math.floor(clock.now / 1_000) + steps * 30 }),
  };
  return client;
}
