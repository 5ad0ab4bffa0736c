// The only user of the tables of applications and their versions: reads rows and writes them, and decides nothing.
import type { Prisma } from '../../../generated/prisma/client.ts';
import type { Where } from '../../../platform/access/condition-where.ts';
import type { Models } from '../../../platform/database/database.ts';
import type { RowReader } from '../../../platform/paging/list-rows.ts';
import type { AuthTable } from '../auth-parts.ts';
import type { ApplicationModel, ApplicationVersionModel } from '../models.ts';

type Db = Models<AuthTable>;

/** What stands in `type` was written by this service: it is one of the two. */
export const applicationRows: RowReader<Db, ApplicationModel> = {
  find: (db, selection) =>
    db.application.findMany(selection as Prisma.ApplicationFindManyArgs) as Promise<ApplicationModel[]>,
  count: (db, where) => db.application.count({ where: where as Prisma.ApplicationWhereInput }),
};

/** A version as it is stored. Its secrets leave this module only compared or opened. */
export interface StoredVersion {
  readonly id: string;
  readonly applicationId: string;
  readonly name: string;
  /** OAuth 2: client id. OAuth 1: consumer key. */
  readonly key: string;
  /** OAuth 2, confidential: SHA-256 of the client secret. */
  readonly secretHash: string | null;
  /** OAuth 1: the consumer secret, sealed. */
  readonly sealedSecret: string | null;
  readonly createdAt: Date;
}

export interface Client {
  readonly version: StoredVersion;
  readonly application: ApplicationModel;
}

interface ClientRow extends StoredVersion {
  readonly application: Omit<ApplicationModel, 'createdAt' | 'updatedAt'>;
  readonly applicationCreatedAt: Date;
  readonly applicationUpdatedAt: Date;
}

/** Whose client id or consumer key this is. One statement of plain SQL, because every signed request asks it. */
export async function findVersionByKey(db: Db, key: string): Promise<Client | null> {
  const [row] = await db.$queryRaw<ClientRow[]>`
    SELECT v.id::text, v.application_id::text AS "applicationId", v.name, v.key, v.secret_hash AS "secretHash",
      v.sealed_secret AS "sealedSecret", v.created_at AS "createdAt",
      jsonb_build_object('id', a.id, 'type', a.type, 'name', a.name, 'description', a.description, 'logo', a.logo,
        'redirectUris', a.redirect_uris, 'confidential', a.confidential) AS application,
      a.created_at AS "applicationCreatedAt", a.updated_at AS "applicationUpdatedAt"
    FROM auth.application_versions v JOIN auth.applications a ON a.id = v.application_id
    WHERE v.key = ${key}`;
  if (row === undefined) return null;
  const { application, applicationCreatedAt: createdAt, applicationUpdatedAt: updatedAt, ...version } = row;
  return { version, application: { ...application, createdAt, updatedAt } };
}

/** Without what must not leave the store: what a version looks like to clients depends on the application's type. */
export type VersionRow = Pick<StoredVersion, 'id' | 'applicationId' | 'name' | 'key' | 'createdAt'> & {
  readonly application: { readonly type: string };
};

/** Oldest first. */
export function findVersions(db: Db, applicationIds: readonly string[]): Promise<VersionRow[]> {
  return db.applicationVersion.findMany({
    where: { applicationId: { in: [...applicationIds] } },
    select: { id: true, applicationId: true, name: true, key: true, createdAt: true, application: true },
    orderBy: { id: 'asc' },
  });
}

export type NewApplication = Omit<ApplicationModel, 'createdAt' | 'updatedAt'>;

export async function insertApplication(db: Db, application: NewApplication): Promise<ApplicationModel> {
  return (await db.application.create({ data: application })) as ApplicationModel;
}

export type ApplicationColumns = Partial<Pick<ApplicationModel, 'name' | 'description' | 'redirectUris' | 'logo'>>;

export async function updateApplicationRow(db: Db, id: string, columns: ApplicationColumns): Promise<ApplicationModel> {
  return (await db.application.update({ where: { id }, data: columns })) as ApplicationModel;
}

/** Keeps the application as it is until the transaction ends. Null: there is none. */
export async function lockApplication(db: Db, id: string): Promise<ApplicationModel | null> {
  const rows = await db.$queryRaw<unknown[]>`SELECT 1 FROM auth.applications WHERE id = ${id}::uuid FOR UPDATE`;
  return rows.length === 0 ? null : ((await db.application.findUnique({ where: { id } })) as ApplicationModel | null);
}

/** Keeps the application from vanishing until the transaction ends; whether it is there. */
export async function holdApplication(db: Db, id: string): Promise<boolean> {
  const rows = await db.$queryRaw<unknown[]>`SELECT 1 FROM auth.applications WHERE id = ${id}::uuid FOR KEY SHARE`;
  return rows.length === 1;
}

/** With its versions, sessions, tokens and codes. */
export async function deleteApplicationRow(db: Db, id: string): Promise<void> {
  await db.application.delete({ where: { id } });
}

/** Null when another version of the application has the name. */
export async function insertVersion(
  db: Db,
  version: Omit<StoredVersion, 'createdAt'>,
): Promise<ApplicationVersionModel | null> {
  const rows = await db.applicationVersion.createManyAndReturn({
    data: [version],
    skipDuplicates: true,
    include: { application: true },
  });
  return rows[0] === undefined ? null : versionModel(rows[0]);
}

/** The version that was deleted. Null: the application has none that meets the condition. */
export async function deleteVersionRow(db: Db, where: Where): Promise<string | null> {
  const version = await db.applicationVersion.findFirst({ where: where as Prisma.ApplicationVersionWhereInput });
  if (version === null) return null;
  await db.applicationVersion.delete({ where: { id: version.id } });
  return version.id;
}

export function versionModel({
  id,
  applicationId,
  name,
  key,
  createdAt,
  application,
}: VersionRow): ApplicationVersionModel {
  const oauth2 = application.type === 'OAUTH2';
  return { id, applicationId, name, clientId: oauth2 ? key : null, consumerKey: oauth2 ? null : key, createdAt };
}
