// A suite about accounts with real mail, once on every shape: people who register, and operators with chosen permissions.
import { afterAll, beforeAll } from '@jest/globals';
import { mutations } from './clinic.ts';
import type { GraphqlAnswer, GraphqlClient } from './graphql-client.ts';
import { createGraphqlClient, signIn } from './graphql-client.ts';
import { createProgramClock, type ProgramClock } from './program-clock.ts';
import type { Shape } from './shapes.ts';
import { describeOnEachShape } from './shapes.ts';
import type { SmtpServer } from './smtp.ts';
import { startSmtp } from './smtp.ts';

export const accountPassword = 'Correct-Horse-2';

export const accountMutations = {
  register: 'mutation ($input: RegisterUserInput!) { registerUser(input: $input) { user { id } } }',
  requestActivation: 'mutation ($input: RequestActivationInput!) { requestActivation(input: $input) { expiresAt } }',
  activate: 'mutation ($input: ActivateUserInput!) { activateUser(input: $input) { activated } }',
  requestReset: 'mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { expiresAt } }',
  reset: 'mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { reset } }',
  login: 'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }',
  confirmPassword: 'mutation ($input: ConfirmPasswordInput!) { confirmPassword(input: $input) { confirmed } }',
  updateSettings: `mutation ($input: UpdateUserSettingsInput!) {
    updateUserSettings(input: $input) { settings { passwordPolicy { minimumLength } } }
  }`,
} as const;

export interface Account {
  readonly email: string;
  readonly userId: string;
}

export interface SignedInAccount extends Account {
  readonly client: GraphqlClient;
}

/** There from the first test on. */
export interface MailedAccounts {
  readonly shape: Shape;
  readonly smtp: SmtpServer;
  /** What the program goes by. */
  readonly clock: ProgramClock;
  readonly admin: GraphqlClient;
  readonly anyone: GraphqlClient;
  /** An address that nobody has. */
  newAddress(): string;
  /** The input of `registerUser`. */
  person(email: string, more?: object): Record<string, unknown>;
  /** A new account; its mail waits, unless told otherwise. */
  register(more?: object): Promise<Account>;
  /** The same, with the address confirmed and signed in. */
  activated(): Promise<SignedInAccount>;
  /** Somebody with a global role of these permissions, signed in. */
  operator(permissions: readonly string[]): Promise<GraphqlClient>;
  /** The hash in the next mail to the address. */
  mailedHash(email: string): Promise<string>;
  /** The pin code in the next mail to the address. */
  mailedPinCode(email: string): Promise<string>;
}

/** What a refusal says: the code, and the reference's number. */
export function refusalOf({ errors }: GraphqlAnswer): readonly [code?: string, number?: number] {
  const { code, details } = errors?.[0]?.extensions ?? {};
  return [code, details?.code];
}

export function describeWithMail(name: string, suite: (accounts: MailedAccounts) => void): void {
  describeOnEachShape(name, (start) => {
    const world: { -readonly [Part in keyof World]: World[Part] } = {};
    beforeAll(async () => {
      world.smtp = await startSmtp();
      world.clock = createProgramClock();
      world.shape = await start({
        ...world.clock.environment,
        SMTP_URL: world.smtp.url,
        MAIL_FROM: 'Clinic <no-reply@clinic.example>',
      });
      world.admin = await signIn(world.shape.url, world.shape.admin.email, world.shape.admin.password);
      world.anyone = createGraphqlClient(world.shape.url);
    }, 300_000);
    afterAll(async () => {
      await world.shape?.close();
      world.clock?.remove();
      await world.smtp?.stop();
    }, 300_000);
    suite(accountsOf(world));
  });
}

type World = Partial<Pick<MailedAccounts, 'shape' | 'smtp' | 'clock' | 'admin' | 'anyone'>>;

function there<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('The program starts before the first test, not before the suite');
  return part;
}

function accountsOf(world: World): MailedAccounts {
  let made = 0;
  const mailed = async (email: string, secret: RegExp) => {
    const { text } = await there(world.smtp).waitForMail(email);
    return there(secret.exec(text)?.[0]);
  };
  const accounts: MailedAccounts = {
    get shape() {
      return there(world.shape);
    },
    get smtp() {
      return there(world.smtp);
    },
    get clock() {
      return there(world.clock);
    },
    get admin() {
      return there(world.admin);
    },
    get anyone() {
      return there(world.anyone);
    },
    newAddress: () => `person-${++made}@example.org`,
    person: (email, more = {}) => ({
      email,
      firstName: 'Ann',
      lastName: 'Other',
      password: accountPassword,
      phoneNumber: '+32 2 000 00 00',
      ...more,
    }),
    async register(more) {
      const email = accounts.newAddress();
      const input = accounts.person(email, more);
      const { registerUser } = await accounts.anyone.run(accountMutations.register, { input });
      return { email, userId: registerUser.user.id };
    },
    async activated() {
      const { email, userId } = await accounts.register();
      const hash = await accounts.mailedHash(email);
      await accounts.anyone.run(accountMutations.activate, { input: { hash } });
      return { email, userId, client: await signIn(accounts.shape.url, email, accountPassword) };
    },
    async operator(permissions) {
      const { email, userId } = await accounts.register({ activationMode: 'MANUAL' });
      const { role } = (await accounts.admin.run(mutations.createRole, { input: { name: 'operator' } })).createRole;
      const roleIds = [role.id];
      await accounts.admin.run(mutations.addPermissions, { input: { roleIds, permissions } });
      await accounts.admin.run(mutations.addRoles, { input: { userIds: [userId], roleIds } });
      return signIn(accounts.shape.url, email, accountPassword);
    },
    mailedHash: (email) => mailed(email, /\b[0-9a-f]{40}\b/),
    mailedPinCode: (email) => mailed(email, /(?<!\d)\d{8}(?!\d)/),
  };
  return accounts;
}
