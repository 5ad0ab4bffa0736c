import { test } from '@jest/globals';
import { startPostgres } from './postgres.ts';
import { startTestSubgraphs } from './subgraphs.ts';
import { users } from '../../subgraphs/users/index.ts';
import { newId } from '../../platform/ids.ts';
import { peopleIn } from './people.ts';
test('x', async () => {
  const server = await startPostgres();
  const graph = await startTestSubgraphs([users], { databaseUrl: await server.createDatabase() });
  const { db } = graph.database.forService<'user'>('users');
  const people = peopleIn(graph);
  const group = await people.group(); const viewer = await people.user(); await people.staff(viewer, group);
  await db.$executeRaw`INSERT INTO users.users (id,email,first_name,last_name,language,password_hash,updated_at) SELECT gen_random_uuid(), i||'@x.y','A','B'||i,'EN','x',now() FROM generate_series(1,200000) i`;
  await db.$executeRaw`INSERT INTO users.groups (id,name,description,updated_at) SELECT gen_random_uuid(), 'g'||i,'',now() FROM generate_series(1,2000) i`;
  await db.$executeRaw`INSERT INTO users.patient_enlistments (user_id, group_id, updated_at) SELECT u.id, g.id, now() FROM (SELECT id, row_number() over () n FROM users.users) u JOIN (SELECT id, row_number() over () n FROM users.groups) g ON g.n = u.n % 2001 + 1`;
  await db.$executeRaw`INSERT INTO users.patient_enlistments (user_id, group_id, updated_at) SELECT id, ${group}::uuid, now() FROM (SELECT id FROM users.users ORDER BY md5(id::text) LIMIT 60) x ON CONFLICT DO NOTHING`;
  await db.$executeRaw`ANALYZE`;
  const identity = await people.identityOf(viewer);
  for (const query of ['{ users { nodes { id } } }', '{ users(first: 1) { totalCount } }', `{ group(id: "${group}") { patients { totalCount nodes { id } } } }`, '{ users(orderBy: {field: LAST_NAME}) { nodes { id } } }', '{ groups { nodes { id } } }', '{ roles { nodes { id } } }']) {
    const t: number[] = [];
    for (let i = 0; i < 4; i++) { const s = performance.now(); const r = await graph.execute('users', { query, identity }); if (r.errors) console.log(r.errors); t.push(Math.round(performance.now() - s)); }
    console.log(query, t.join(' '));
  }
  const big = await people.user();
  await db.$executeRaw`INSERT INTO users.staff_enlistments (user_id, group_id, updated_at) SELECT ${big}::uuid, id, now() FROM users.groups LIMIT 1000`;
  await db.$executeRaw`INSERT INTO users.roles (id, name, description, group_id, permissions, updated_at) SELECT gen_random_uuid(), 'r', '', group_id, ARRAY['VIEW_PATIENTS'], now() FROM users.staff_enlistments WHERE user_id = ${big}::uuid`;
  await db.$executeRaw`INSERT INTO users.staff_roles (user_id, group_id, role_id, updated_at) SELECT ${big}::uuid, group_id, id, now() FROM users.roles WHERE group_id IS NOT NULL`;
  await db.$executeRaw`ANALYZE`;
  for (let i = 0; i < 3; i++) { const s = performance.now(); await people.identityOf(big); console.log('identity 1000 groups', Math.round(performance.now() - s)); }
  const bigIdentity = await people.identityOf(big);
  for (const query of ['{ me { staffEnlistments { group { id name } roles { id } } } }', '{ users { nodes { id } } }']) for (let i = 0; i < 3; i++) { const s = performance.now(); const r = await graph.execute('users', { query, identity: bigIdentity }); if (r.errors) console.log(r.errors); console.log(query, Math.round(performance.now() - s)); }
  const many = Array.from({length: 100}, () => newId());
  const ids = (await db.user.findMany({ take: 100, select: { id: true } })).map(x => x.id);
  const gids = (await db.$queryRaw<{id: string}[]>`SELECT id::text FROM users.groups LIMIT 100`).map(x => x.id);
  const s = performance.now();
  const r = await graph.execute('users', { query: 'mutation ($input: AddStaffInput!) { addStaff(input: $input) { users { id } } }', variables: { input: { userIds: ids, groupIds: gids } }, identity: { userId: many[0], permissions: ['ADD_STAFF'] } });
  console.log('addStaff 100x100', Math.round(performance.now() - s), JSON.stringify(r).slice(0, 100));
  await graph.close(); await server.stop();
}, 280_000);
