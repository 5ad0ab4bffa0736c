// Fills the database of the documents bench: 20,000 users, 200 groups, and as many documents of one schema as are asked
// for. By SQL, for a million requests would take an hour; the schema and the people who ask come over the public API.
import pg from 'pg';
import { progress } from '../progress.ts';

export const users = 20_000;
export const groups = 200;
/** Documents in one statement. */
const batch = 50_000;

export interface Loader {
  /** Groups and users: each user is a patient of one group, every tenth of a second one. */
  people(): Promise<void>;
  /** Until there are so many; a document belongs to a user and to the groups where that user is a patient. */
  documents(schemaId: string, total: number): Promise<void>;
  /** One row of what the statement selects. */
  pick<T extends pg.QueryResultRow>(statement: string, values?: unknown[]): Promise<T>;
  run(statement: string): Promise<void>;
  close(): Promise<void>;
}

export async function openLoader(url: string): Promise<Loader> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  let loaded = 0;
  return {
    async people() {
      progress(`${users} users in ${groups} groups`);
      await client.query(peopleSql);
      await client.query('ANALYZE users.users, users.groups, users.patient_enlistments');
    },
    async documents(schemaId, total) {
      progress(`${total} documents`);
      while (loaded < total) {
        const last = Math.min(total, loaded + batch);
        await client.query(documentsSql, [schemaId, loaded + 1, last]);
        loaded = last;
      }
      await client.query('VACUUM (ANALYZE) data.documents');
      await client.query('VACUUM (ANALYZE) data.document_versions');
    },
    async pick<T extends pg.QueryResultRow>(statement: string, values: unknown[] = []) {
      const { rows } = await client.query<T>(statement, values);
      if (rows[0] === undefined) throw new Error(`Nothing there: ${statement}`);
      return rows[0];
    },
    async run(statement) {
      await client.query(statement);
    },
    close: () => client.end(),
  };
}

// Ids that tell which user or group it is: the loader needs no tables to look them up.
const userId = (number: string) => `('10000000-0000-7000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`;
const groupId = (number: string) => `('20000000-0000-7000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`;

export const groupIdOf = (number: number): string => `20000000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`;
export const userIdOf = (number: number): string => `10000000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`;

const groupOf = (user: string) => `(${user} % ${groups}) + 1`;
const isInTwo = (user: string) => `${user} % 10 = 0`;
const secondGroupOf = (user: string) => `((${user} + ${groups / 2}) % ${groups}) + 1`;

const peopleSql = `
  INSERT INTO users.groups (id, name, description, updated_at)
  SELECT ${groupId('n')}, 'Group ' || n, '', now() FROM generate_series(1, ${groups}) n;
  INSERT INTO users.users (id, email, first_name, last_name, language, updated_at)
  SELECT ${userId('n')}, 'user-' || n || '@bench.example', 'User', n::text, 'EN', now()
  FROM generate_series(1, ${users}) n;
  INSERT INTO users.patient_enlistments (user_id, group_id, updated_at)
  SELECT ${userId('n')}, ${groupId(groupOf('n'))}, now() FROM generate_series(1, ${users}) n;
  INSERT INTO users.patient_enlistments (user_id, group_id, updated_at)
  SELECT ${userId('n')}, ${groupId(secondGroupOf('n'))}, now() FROM generate_series(1, ${users}) n
  WHERE ${isInTwo('n')};`;

/** Everybody has one document in each 20,000, the second of all belongs to `personOfTheSecond`. */
const personOf = (document: string) => `(1 + (${document} * 7919) % ${users})`;
export const personOfTheSecond = 1 + ((2 * 7919) % users);

/** UUIDv7 of the second in which the document was created; what stands in it is spread without a pattern. */
const documentsSql = `
  WITH made AS (
    SELECT n, ${personOf('n')} AS person, 1700000000000 + n * 1000 AS at,
      (hashint8(n + 7) & 2147483647) AS spread
    FROM generate_series($2::bigint, $3::bigint) n
  ), documents AS (
    INSERT INTO data.documents (id, schema_id, creator_id, user_ids, group_ids, synced_group_ids, status,
      status_changed_at, data, created_at, updated_at)
    SELECT (substr(lpad(to_hex(at), 12, '0'), 1, 8) || '-' || substr(lpad(to_hex(at), 12, '0'), 9, 4) || '-7' ||
        substr(md5(n::text), 1, 3) || '-8' || substr(md5(n::text), 4, 3) || '-' || substr(md5(n::text), 7, 12))::uuid,
      $1::uuid, ${userId('person')}, ARRAY[${userId('person')}],
      CASE WHEN ${isInTwo('person')} THEN ARRAY[${groupId(groupOf('person'))}, ${groupId(secondGroupOf('person'))}]
        ELSE ARRAY[${groupId(groupOf('person'))}] END,
      '{}', 'stored', to_timestamp(at / 1000.0),
      jsonb_build_object('mmol', (spread % 300) / 10.0, 'patientId', ${userId('person')}::text,
        'takenAt', to_char(to_timestamp(1700000000 + spread % 31536000) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS".000Z"'),
        'note', 'Before breakfast, at rest, with the meter of number ' || spread % 1000 || '.'),
      to_timestamp(at / 1000.0), to_timestamp(at / 1000.0)
    FROM made
    RETURNING id, creator_id, created_at
  )
  INSERT INTO data.document_versions (document_id, version, kind, transitions, status, user_id, changes, created_at, updated_at)
  SELECT id, 1, 'CREATED', '{}', 'stored', creator_id, '[]', created_at, created_at FROM documents`;
