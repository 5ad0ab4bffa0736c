// People with accounts, made over the public API: with permissions of their own, or with a second factor turned on.
import { generateSync } from 'otplib';
import { mutations } from './clinic.ts';
import { createGraphqlClient, type GraphqlClient, signIn } from './graphql-client.ts';

export interface ApiPerson {
  readonly email: string;
  readonly password: string;
  readonly userId: string;
  /** Signed in over the API itself. */
  readonly client: GraphqlClient;
}

export interface ProtectedPerson extends ApiPerson {
  readonly totpId: string;
  readonly codesId: string;
  /** Recovery codes, each good once. */
  readonly codes: readonly string[];
  /** What the authenticator app shows next: the present code was used for the confirmation. */
  nextTotp(): string;
  /** What it shows at a moment, in epoch milliseconds. */
  codeAt(moment: number): string;
}

export interface ApiPeople {
  /** With these permissions everywhere. */
  newPerson(...permissions: readonly string[]): Promise<ApiPerson>;
  /** With a confirmed TOTP method and recovery codes, turned on. */
  protectedPerson(): Promise<ProtectedPerson>;
}

const operations = {
  confirmPresence: 'mutation ($input: ConfirmPresenceInput!) { confirmPresence(input: $input) { presenceToken } }',
  add: 'mutation ($input: AddMfaMethodInput!) { addMfaMethod(input: $input) { method { id } secret codes } }',
  confirm: 'mutation ($input: ConfirmMfaMethodInput!) { confirmMfaMethod(input: $input) { method { id } } }',
  enable: 'mutation ($input: EnableMfaInput!) { enableMfa(input: $input) { setting { enabled } } }',
} as const;

/** In the order of their making, so that no two have the same address, whoever asked for them. */
let count = 0;

/** `now` is what the programs take for the present. */
export function apiPeople(url: string, admin: GraphqlClient, now = () => Date.now()): ApiPeople {
  const password = 'Correct-Horse-1';

  async function newPerson(...permissions: readonly string[]): Promise<ApiPerson> {
    count += 1;
    const email = `person-${count}@example.org`;
    const input = { email, password, firstName: 'Ann', lastName: 'Other' };
    const userId: string = (await admin.run(mutations.createUser, { input })).createUser.user.id;
    if (permissions.length > 0) {
      const { role } = (await admin.run(mutations.createRole, { input: { name: `role-${count}` } })).createRole;
      await admin.run(mutations.addPermissions, { input: { roleIds: [role.id], permissions } });
      await admin.run(mutations.addRoles, { input: { userIds: [userId], roleIds: [role.id] } });
    }
    return { email, password, userId, client: await signIn(url, email, password) };
  }

  return {
    newPerson,
    async protectedPerson() {
      const person = await newPerson();
      const { client } = person;
      const { presenceToken } = (await client.run(operations.confirmPresence, { input: { password } })).confirmPresence;
      const add = async (type: string) =>
        (await client.run(operations.add, { input: { presenceToken, type } })).addMfaMethod;
      const [recovery, totp] = [await add('RECOVERY_CODES'), await add('TOTP')];
      const codeAt = (moment: number) => generateSync({ secret: totp.secret, epoch: Math.floor(moment / 1_000) });
      const confirmation = { presenceToken, methodId: totp.method.id, code: codeAt(now()) };
      await client.run(operations.confirm, { input: confirmation });
      await client.run(operations.enable, { input: { presenceToken } });
      return {
        ...person,
        totpId: totp.method.id,
        codesId: recovery.method.id,
        codes: recovery.codes,
        nextTotp: () => codeAt(now() + 30_000),
        codeAt,
      };
    },
  };
}

/** Whom a bearer token belongs to, as the next request finds it. */
export async function holderOf(url: string, token: string): Promise<{ status: number; code: unknown; email: unknown }> {
  const { status, data, errors } = await createGraphqlClient(url, token).ask('{ me { email } }');
  return { status, code: errors?.[0]?.extensions.code, email: data?.me?.email };
}
