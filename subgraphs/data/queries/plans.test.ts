// What PostgreSQL makes of lists: the indexes of a schema serve them, forwards and backwards, at any depth, and for those
// who see the documents of some groups only. No list of an indexed order reads the whole table.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import type { DocumentFilter } from '../../../generated/resolvers/data.ts';
import { startPostgres } from '../../../operations/servers/postgres.ts';
import type { Condition } from '../../../platform/access/condition.ts';
import { all, any, equals, overlaps } from '../../../platform/access/condition.ts';
import { applyMigrations, readMigrations } from '../../../platform/database/apply-migrations.ts';
import { openPostgresServer } from '../../../platform/database/postgres-server.ts';
import type { CursorKey } from '../../../platform/paging/page.ts';
import { describeOnServers } from '../../../tests/support/describe-on-servers.ts';
import { buildStatements } from '../indexes/index-statements.ts';
import type { Properties } from '../schemas/type-configuration.ts';
import { readOrder } from './document-order.ts';
import { readFilter } from './filter.ts';
import { pageSql } from './list-store.ts';

const id = (kind: number, number: number) => `0000000${kind}-0000-7000-8000-${number.toString(16).padStart(12, '0')}`;
const schemaId = id(1, 1);
const properties = {
  at: { type: 'string', format: 'date-time' },
  n: { type: 'number' },
  who: { type: 'string' },
  seen: { type: 'boolean' },
  tags: { type: 'array', items: { type: 'string' } },
  months: { type: 'object', additionalProperties: { type: 'number' } },
} as Properties;

const everybody = equals('schemaId', schemaId);
const staffOf = (...groups: number[]) =>
  all(
    everybody,
    any(
      overlaps('userIds', [id(2, 0)]),
      overlaps(
        'groupIds',
        groups.map((group) => id(3, group)),
      ),
    ),
  );
const patient = all(everybody, overlaps('userIds', [id(2, 77)]));

let close: () => Promise<void> = async () => {};
let client: pg.Client;

interface Asked {
  readonly orderBy?: readonly [string, 'ASC' | 'DESC'][];
  readonly filter?: DocumentFilter;
  readonly visible?: Condition;
  readonly after?: CursorKey;
  readonly backward?: boolean;
  readonly manyGroups?: boolean;
}

function listing({ orderBy = [], filter = {}, visible = everybody, after, backward = false, manyGroups }: Asked) {
  const order = readOrder(
    orderBy.map(([field, direction]) => ({ field, direction })),
    properties,
  );
  const page = { limit: 20, backward, after, before: undefined, order: order.name };
  const many = { offset: 0, withData: true, manyGroups: manyGroups ?? false };
  return pageSql({ visible, filter: readFilter(filter, properties, 'f'), order, page, ...many });
}

/** The plan, and how many pages of the database it looked at. */
async function planOf(asked: Asked): Promise<{ plan: string; pages: number }> {
  const { text, values } = listing(asked);
  const explained = await client.query(`EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) ${text}`, values);
  const plan = explained.rows.map((row) => row['QUERY PLAN']).join('\n');
  const [, hit = '0', read = '0'] = /Buffers: shared(?: hit=(\d+))?(?: read=(\d+))?/.exec(plan) ?? [];
  return { plan, pages: Number(hit) + Number(read) };
}

const oneIndex = (fields: [string, 'asc' | 'desc', string][], sparse = false) => ({
  schemaId,
  unique: false,
  sparse,
  fields: fields.map(([name, type, as]) => ({ name, type, as })),
});

describeOnServers('on PostgreSQL', ['postgres'], () => {
  beforeAll(async () => {
    const postgres = await startPostgres();
    const databaseUrl = await postgres.createDatabase();
    const server = openPostgresServer({ databaseUrl, onBrokenConnection: () => {} });
    await applyMigrations(server, await readMigrations());
    await server.close();
    client = new pg.Client({ connectionString: databaseUrl, options: '-c TimeZone=UTC -c random_page_cost=1.1' });
    await client.connect();
    close = async () => {
      await client.end();
      await postgres.stop();
    };
    await client.query(`INSERT INTO data.document_schemas (id, name, description, definition, updated_at)
      VALUES ('${schemaId}', 'plans', '', '{}', now())`);
    // Every tenth document lacks the moment; in every hundredth it is a number, from a time when it was declared so.
    await client.query(`
      INSERT INTO data.documents (id, schema_id, creator_id, user_ids, group_ids, status, status_changed_at, data, updated_at)
      SELECT ('00000004-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, '${schemaId}', '${id(2, 1)}',
        ARRAY[('00000002-0000-7000-8000-' || lpad(to_hex(1 + i * 7919 % 1000), 12, '0'))::uuid],
        ARRAY[('00000003-0000-7000-8000-' || lpad(to_hex(i * 7919 % 50), 12, '0'))::uuid],
        'new', now(), CASE WHEN i % 10 = 0 THEN '{}' WHEN i % 100 = 1 THEN '{"at": 5}' ELSE jsonb_build_object('at',
          to_char(timestamp '2020-01-01' + (i::bigint * 7919 % 60000) * interval '1 hour', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) END
          || jsonb_build_object('n', i % 1000, 'who', 'p' || i % 3000, 'seen', i % 2000 = 0, 'tags', jsonb_build_array('t' || i % 20000),
            'months', jsonb_build_object('01', i % 2000)),
        now() FROM generate_series(1, 60000) AS i`);
    const indexes = [
      oneIndex([['data.at', 'desc', 'string']]),
      oneIndex([
        ['data.who', 'asc', 'string'],
        ['data.at', 'desc', 'string'],
      ]),
      oneIndex([['data.n', 'asc', 'number']], true),
      oneIndex([['data.tags', 'asc', 'list']]),
      oneIndex([['data.months.01', 'asc', 'number']]),
    ];
    for (const [number, index] of indexes.entries()) {
      const statements = buildStatements({ ...index, id: id(9, number + 1) } as never, { trigramSchema: 'public' });
      for (const statement of statements) await client.query(statement);
    }
    await client.query('VACUUM ANALYZE data.documents');
  }, 300_000);
  afterAll(() => close());

  const [byMoment, byPatient, byNumber, byTag, byMonth] = [1, 2, 3, 4, 5].map(
    (number) => `documents_x_${id(9, number).replaceAll('-', '')}`,
  );
  const june: DocumentFilter = { field: 'data.at', ge: '2022-06', lt: '2022-07' };
  const deep: CursorKey = { key: ['2024-01-01T00:00:00.000Z'], id: id(4, 30_000) };
  const cases: [string, Asked, string | undefined, number][] = [
    ['equal text', { filter: { field: 'data.who', eq: 'p77' } }, byPatient, 60],
    ['one of some texts', { filter: { field: 'data.who', in: ['p77', 'p78'] } }, byPatient, 120],
    ['a range of numbers', { filter: { field: 'data.n', gt: 998 } }, byNumber, 120],
    ['a list that has a value', { filter: { field: 'data.tags', eq: 't7' } }, byTag, 60],
    ['a key that looks like a place in a list', { filter: { field: 'data.months.01', gt: 1998 } }, byMonth, 60],
    ['a range in its order', { filter: june, orderBy: [['data.at', 'ASC']] }, byMoment, 60],
    ['a range in the other order', { filter: june, orderBy: [['data.at', 'DESC']] }, byMoment, 60],
    ['a range from the back', { filter: june, orderBy: [['data.at', 'DESC']], backward: true }, byMoment, 60],
    ['the begin of the whole, ascending', { orderBy: [['data.at', 'ASC']] }, byMoment, 60],
    ['the begin of the whole, descending', { orderBy: [['data.at', 'DESC']] }, byMoment, 60],
    ['the end of the whole: what lacks it', { orderBy: [['data.at', 'ASC']], backward: true }, byMoment, 60],
    ['deep in the order, ascending', { orderBy: [['data.at', 'ASC']], after: deep }, byMoment, 60],
    ['deep in the order, descending', { orderBy: [['data.at', 'DESC']], after: deep }, byMoment, 60],
    [
      'deep in what lacks it',
      { orderBy: [['data.at', 'DESC']], after: { key: [null], id: id(4, 30_000) } },
      byMoment,
      60,
    ],
    [
      'the documents of one patient, newest first',
      { filter: { field: 'data.who', eq: 'p77' }, orderBy: [['data.at', 'DESC']] },
      byPatient,
      60,
    ],
    [
      'several keys, deep',
      {
        orderBy: [
          ['data.at', 'DESC'],
          ['data.n', 'ASC'],
        ],
        after: { key: [deep.key as never, 5].flat(), id: deep.id },
      },
      byMoment,
      80,
    ],
    ['by creation', {}, undefined, 40],
    ['by creation, deep', { after: { key: null, id: id(4, 30_000) } }, undefined, 40],
    ['a range, as a patient', { filter: june, orderBy: [['data.at', 'ASC']], visible: patient }, undefined, 90],
    ['by creation, as a patient', { visible: patient }, undefined, 90],
    [
      'a range, as staff of one group',
      { filter: june, orderBy: [['data.at', 'ASC']], visible: staffOf(7) },
      `${byMoment}_g1`,
      90,
    ],
    [
      'a range the other way, as staff of two',
      { filter: june, orderBy: [['data.at', 'DESC']], visible: staffOf(7, 8) },
      `${byMoment}_g1`,
      130,
    ],
    [
      'deep, as staff of one group',
      { orderBy: [['data.at', 'DESC']], after: deep, visible: staffOf(7) },
      `${byMoment}_g1`,
      90,
    ],
    [
      'a range, as staff of one group, where documents have many groups',
      { filter: june, orderBy: [['data.at', 'ASC']], visible: staffOf(7), manyGroups: true },
      `${byMoment}_g1`,
      90,
    ],
    ['by creation, as staff of one group', { visible: staffOf(7) }, 'documents_schema_id_id_g1', 90],
    [
      'by creation, deep, as staff of one group',
      { visible: staffOf(7), after: { key: null, id: id(4, 30_000) } },
      'documents_schema_id_id_g1',
      90,
    ],
    [
      'a range, as staff of half the groups',
      { filter: june, orderBy: [['data.at', 'ASC']], visible: staffOf(...Array(25).keys()) },
      byMoment,
      120,
    ],
  ];
  test.each(cases)('%s', async (_what, asked, index, most) => {
    const { plan, pages } = await planOf(asked);
    expect(plan).not.toMatch(/Seq Scan/);
    if (index !== undefined) expect(plan).toMatch(new RegExp(`${index}\\b`));
    expect({ plan, enough: pages <= most }).toEqual({ plan, enough: true });
  });
});
