// The only user of the tables of OpenID Connect: reads rows and writes them, and decides nothing.
import type { Prisma } from '../../../generated/prisma/client.ts';
import type { Models } from '../../../platform/database/database.ts';
import type { RowReader } from '../../../platform/paging/list-rows.ts';
import type { AuthTable } from '../auth-parts.ts';
import type { OidcLoginAttemptModel, OidcProviderModel } from '../models.ts';

type Db = Models<AuthTable>;

/** Without the secret, which findProviderWithSecret alone hands out. */
const withoutSecret = { sealedSecret: true } as const;

export const providerRows: RowReader<Db, OidcProviderModel> = {
  find: (db, selection) =>
    db.oidcProvider.findMany({ ...(selection as Prisma.OidcProviderFindManyArgs), omit: withoutSecret }),
  count: (db, where) => db.oidcProvider.count({ where: where as Prisma.OidcProviderWhereInput }),
};

export type ProviderWithSecret = OidcProviderModel & { readonly sealedSecret: string };

export function findProviderWithSecret(
  db: Db,
  by: { readonly id: string } | { readonly name: string },
): Promise<ProviderWithSecret | null> {
  return db.oidcProvider.findUnique({ where: by });
}

export type ProviderColumns = Omit<ProviderWithSecret, 'id' | 'enabled' | 'createdAt' | 'updatedAt'>;

/** Null when another provider has the name. */
export async function insertProvider(
  db: Db,
  provider: ProviderColumns & { readonly id: string },
): Promise<OidcProviderModel | null> {
  const rows = await db.oidcProvider.createManyAndReturn({
    data: [provider],
    skipDuplicates: true,
    omit: withoutSecret,
  });
  return rows[0] ?? null;
}

/** Keeps the provider as it is until the transaction ends. Null: there is none. */
export async function lockProvider(db: Db, id: string): Promise<OidcProviderModel | null> {
  const rows = await db.$queryRaw<unknown[]>`SELECT 1 FROM auth.oidc_providers WHERE id = ${id}::uuid FOR UPDATE`;
  return rows.length === 0 ? null : db.oidcProvider.findUnique({ where: { id }, omit: withoutSecret });
}

/** Whether another provider has the name. */
export async function isNameTaken(db: Db, name: string, exceptId: string): Promise<boolean> {
  return (await db.oidcProvider.count({ where: { name, NOT: { id: exceptId } } })) > 0;
}

export function updateProvider(
  db: Db,
  id: string,
  columns: Partial<ProviderColumns & { readonly enabled: boolean }>,
): Promise<OidcProviderModel> {
  return db.oidcProvider.update({ where: { id }, data: columns, omit: withoutSecret });
}

export async function deleteProvider(db: Db, id: string): Promise<void> {
  await db.oidcProvider.delete({ where: { id } });
}

export interface OidcRequest {
  readonly stateHash: string;
  readonly providerId: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  readonly expiresAt: Date;
}

export async function insertRequest(db: Db, request: OidcRequest): Promise<void> {
  await db.oidcRequest.create({ data: request });
}

/** The request, which is used up by this. Null: there is none with this state for this provider. */
export async function takeRequest(
  db: Db,
  { stateHash, providerId }: Pick<OidcRequest, 'stateHash' | 'providerId'>,
): Promise<Pick<OidcRequest, 'nonce' | 'codeVerifier' | 'expiresAt'> | null> {
  const rows = await db.$queryRaw<Pick<OidcRequest, 'nonce' | 'codeVerifier' | 'expiresAt'>[]>`
    DELETE FROM auth.oidc_requests WHERE state_hash = ${stateHash} AND provider_id = ${providerId}::uuid
    RETURNING nonce, code_verifier AS "codeVerifier", expires_at AS "expiresAt"`;
  return rows[0] ?? null;
}

export type NewAttempt = Omit<OidcLoginAttemptModel, 'createdAt'>;

export async function insertAttempt(db: Db, attempt: NewAttempt): Promise<void> {
  await db.oidcLoginAttempt.create({ data: attempt });
}

export const attemptRows: RowReader<Db, OidcLoginAttemptModel> = {
  // What stands in `status` was written by this service: it is one of the two.
  find: async (db, selection) =>
    (await db.oidcLoginAttempt.findMany(selection as Prisma.OidcLoginAttemptFindManyArgs)) as OidcLoginAttemptModel[],
  count: (db, where) => db.oidcLoginAttempt.count({ where: where as Prisma.OidcLoginAttemptWhereInput }),
};
