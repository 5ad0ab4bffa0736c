// Accounts as their owners meet them: operations of `users` by name, the mails that they lead to, and settings.
import type { IdentityData } from '../../platform/identity/identity.ts';
import { newId } from '../../platform/ids.ts';
import type { TestSubgraphs } from './subgraphs.ts';

const selections = {
  registerUser: 'user { id email firstName lastName language phoneNumber timeZone activation }',
  requestActivation: 'expiresAt',
  activateUser: 'activated',
  requestPasswordReset: 'expiresAt',
  resetPassword: 'reset',
  updateEmail: 'user { id email activation }',
  deleteActivationRequest: 'id',
  deletePasswordResetRequest: 'id',
} as const;

export type AccountOperation = keyof typeof selections;

export interface Answer {
  // Tests read answers loosely; what they expect stands in their assertions.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly data: any;
  readonly code: unknown;
  readonly details: unknown;
  readonly message: string | undefined;
}

export interface TestMail {
  readonly subject: string;
  readonly text: string;
  /** The hash or the pin code in it. */
  readonly secret: string;
}

export interface TestRequest {
  readonly id: string;
  readonly mode: string;
  readonly secretHash: string | null;
  readonly requestCount: number;
  readonly failedAttempts: number;
  readonly lastFailedAt: Date | null;
  readonly lastRequestAt: Date;
  readonly expiresAt: Date;
}

export const goodPassword = 'Sunny-Day-1';

export function accountsIn(graph: TestSubgraphs) {
  const { db } = graph.database.forService<'user' | 'verificationRequest' | 'userSettings' | 'outboxMail'>('users');

  async function ask(query: string, variables: Record<string, unknown>, identity: IdentityData = {}): Promise<Answer> {
    const { data, errors } = await graph.execute('users', { query, variables, identity });
    const { code, details } = errors?.[0]?.extensions ?? {};
    return { data, code, details, message: errors?.[0]?.message };
  }

  const accounts = {
    ask,
    /** A mutation with one input; `data` is its payload. */
    async call(name: AccountOperation, input: object, identity?: IdentityData): Promise<Answer> {
      const type = name.startsWith('delete') ? 'DeleteVerificationRequestInput' : `${capital(name)}Input`;
      const query = `mutation ($input: ${type}!) { ${name}(input: $input) { ${selections[name]} } }`;
      const answer = await ask(query, { input }, identity);
      return { ...answer, data: answer.data?.[name] ?? null };
    },
    /** Asked as another service would. */
    async asService(query: string, variables: Record<string, unknown>): Promise<Answer> {
      const { data, errors } = await graph.execute('users', { query, variables, service: 'auth' });
      const { code, details } = errors?.[0]?.extensions ?? {};
      return { data, code, details, message: errors?.[0]?.message };
    },
    /** A new account with a request and a mail that waits, unless told. */
    async register(input: object = {}): Promise<{ id: string; email: string }> {
      const email = `${newId()}@example.org`;
      const person = {
        email,
        firstName: 'Jane',
        lastName: 'Doe',
        password: goodPassword,
        phoneNumber: '+32 2 555 12 12',
      };
      const { data, message } = await accounts.call('registerUser', { ...person, ...input });
      if (message !== undefined) throw new Error(message);
      return { id: data.user.id, email: data.user.email };
    },
    /** The same, with its address confirmed and nothing waiting. */
    async activated(input: object = {}): Promise<{ id: string; email: string }> {
      const account = await accounts.register({ ...input, activationMode: 'MANUAL' });
      await db.user.update({ where: { id: account.id }, data: { activation: true } });
      return account;
    },
    /** What differs from the defaults, part by part; nothing: the defaults. */
    async settings(settings: { verification?: object; mail?: object; passwordPolicy?: object } = {}): Promise<void> {
      const columns = { settings };
      await db.userSettings.upsert({ where: { id: 1 }, create: { id: 1, ...columns }, update: columns });
    },
    /** Sends what waits; the mails to this address, newest first. */
    async mails(to: string): Promise<TestMail[]> {
      await graph.runJobs();
      const rows = await db.outboxMail.findMany({ where: { to }, orderBy: [{ createdAt: 'desc' }, { id: 'desc' }] });
      return rows.map(({ subject, text }) => ({ subject, text, secret: secretIn(text) }));
    },
    /** Sends what waits; what the newest mail to this address holds. */
    async secret(to: string): Promise<string> {
      return (await accounts.mails(to))[0]?.secret ?? 'no mail';
    },
    request(userId: string, purpose: 'activation' | 'password_reset'): Promise<TestRequest | null> {
      return db.verificationRequest.findUnique({ where: { userId_purpose: { userId, purpose } } });
    },
    async user(id: string) {
      return db.user.findUniqueOrThrow({ where: { id } });
    },
    /** The types of what was published about a user, in order. */
    async told(userId: string): Promise<string[]> {
      return (await graph.readLog()).filter(({ content }) => content.userId === userId).map(({ type }) => type);
    },
  };
  return accounts;
}

export type Accounts = ReturnType<typeof accountsIn>;

function secretIn(text: string): string {
  return /\b[0-9a-f]{40}\b/.exec(text)?.[0] ?? /(?<!\d)\d{8}(?!\d)/.exec(text)?.[0] ?? 'no secret';
}

function capital(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
