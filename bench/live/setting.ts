// Whom the bench of live events is about: 500 nurses in five wards, each a user with a session of their own, a document in
// each ward, and a patient who is in none of it. By SQL where a request for each would take minutes.
import pg from 'pg';
import type { Cluster } from '../../operations/cluster/start-cluster.ts';
import { newId } from '../../platform/ids.ts';
import { type ApiClient, createApiClient, signIn } from '../api-client.ts';
import { progress } from '../progress.ts';

export const schemaName = 'vitals';
const wardCount = 5;
const nursesOfWard = 100;
const signInsAtOnce = 8;
const password = 'Bench-Person-1';

export interface LiveSetting {
  readonly schemaId: string;
  readonly creatorId: string;
  readonly wards: readonly Ward[];
}

export interface Ward {
  readonly groupId: string;
  readonly documentId: string;
  /** Access tokens of its nurses. */
  readonly tokens: readonly string[];
}

const definition = {
  readMode: ['creator', 'linkedGroupStaff'],
  createMode: 'allUsers',
  statuses: { recorded: {} },
  creationTransition: { type: 'manual', toStatus: 'recorded', actions: [{ type: 'linkEnlistedGroups' }] },
  properties: { n: { type: 'number' } },
};

export async function openLiveSetting(cluster: Cluster): Promise<LiveSetting> {
  progress(`${wardCount * nursesOfWard} nurses sign in`);
  const api = createApiClient(cluster.url, signInsAtOnce);
  const client = new pg.Client({ connectionString: cluster.databaseUrl });
  await client.connect();
  try {
    const admin = await signIn(api, cluster.admin.email, cluster.admin.password);
    const run = <T>(mutation: string, input: object) => api.call<T>({ query: mutation, variables: { input } }, admin);
    const { createDocumentSchema } = await run<{ createDocumentSchema: { schema: { id: string } } }>(
      'mutation ($input: CreateDocumentSchemaInput!) { createDocumentSchema(input: $input) { schema { id } } }',
      { name: schemaName, description: '', definition },
    );
    const { createUser } = await run<{ createUser: { user: { id: string } } }>(
      'mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }',
      { email: 'pattern@bench.example', firstName: 'Pattern', lastName: 'Of all', password },
    );
    const creatorId = createUser.user.id;
    const wards: Ward[] = [];
    for (let number = 1; number <= wardCount; number += 1) {
      const groupId = newId();
      await client.query(`INSERT INTO users.groups (id, name, description, updated_at) VALUES ($1, $2, '', now())`, [
        groupId,
        `Ward ${number}`,
      ]);
      const nurses = Array.from({ length: nursesOfWard }, () => newId());
      await client.query(peopleSql, [nurses, creatorId, groupId]);
      const documentId = newId();
      await client.query(documentSql, [documentId, createDocumentSchema.schema.id, creatorId, groupId]);
      wards.push({ groupId, documentId, tokens: await signInAll(api, nurses) });
    }
    return { schemaId: createDocumentSchema.schema.id, creatorId, wards };
  } finally {
    await client.end();
    await api.close();
  }
}

/** With the password of the pattern, and enlisted as staff. */
const peopleSql = `
  WITH nurse AS (
    INSERT INTO users.users (id, email, first_name, last_name, language, activation, password_hash, updated_at)
    SELECT id, id || '@bench.example', 'Nurse', id::text, 'EN', TRUE, (SELECT password_hash FROM users.users WHERE id = $2), now()
    FROM unnest($1::uuid[]) AS given(id) RETURNING id
  )
  INSERT INTO users.staff_enlistments (user_id, group_id, updated_at) SELECT id, $3, now() FROM nurse`;

const documentSql = `
  INSERT INTO data.documents (id, schema_id, creator_id, user_ids, group_ids, synced_group_ids, status, status_changed_at,
    data, updated_at)
  VALUES ($1, $2, $3, '{}', ARRAY[$4::uuid], '{}', 'recorded', now(), '{"n": 0}', now())`;

async function signInAll(api: ApiClient, userIds: readonly string[]): Promise<string[]> {
  const tokens: string[] = [];
  for (let at = 0; at < userIds.length; at += signInsAtOnce) {
    const some = userIds.slice(at, at + signInsAtOnce);
    tokens.push(...(await Promise.all(some.map((id) => signIn(api, `${id}@bench.example`, password)))));
  }
  return tokens;
}
