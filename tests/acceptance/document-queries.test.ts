// Filters of documents, as clients send them: typed and as RQL, with the same outcome, and what is wrong with others.
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { describeClinic } from '../support/describe-clinic.ts';
import { everyKind, figures, listing, namesOf } from '../support/document-listing.ts';
import { newDocument, newSchema, refusalOf, send } from '../support/document-writing.ts';
import { createGraphqlClient, type GraphqlClient } from '../support/graphql-client.ts';

jest.setTimeout(300_000);

const inOrder = (text: string) => [...text].sort().join('');

describeClinic('finding documents', (world) => {
  describe('by filter and by RQL alike', () => {
    let schemaName: string;
    /** What stands in braces in the cases. */
    const ids: Record<string, string> = {};

    beforeAll(async () => {
      const { admin, pat, quinn, rosa, groupA, groupB } = world.clinic;
      schemaName = await newSchema(admin, everyKind);
      Object.assign(ids, { pat: pat.userId, quinn: quinn.userId, rosa: rosa.userId, groupA, groupB });
      const meals = [
        { kcal: 300, name: 'Soup', parts: [{ x: 1 }, { x: 2 }] },
        { kcal: 700, name: 'Pie' },
      ];
      const at = '2024-01-15T10:00Z';
      const device = { model: 'M1', color: 'red' };
      const contents: [GraphqlClient, Record<string, unknown>][] = [
        [pat, { name: 'a', n: 1, s: 'Apple', b: true, at, tags: ['x', 'y'], nums: [1, 5], device, meals }],
        [
          pat,
          {
            name: 'b',
            n: 2,
            s: 'banana',
            b: false,
            at: '2024-03-31T00:30Z',
            tags: ['y'],
            meals: [{ kcal: 650, name: 'Soup' }],
          },
        ],
        [quinn, { name: 'c', n: 2, s: 'Äpfel', at: '2025-06-01', tags: [], device: { model: 'M2' } }],
        [quinn, { name: 'd', n: 10.5, s: '', b: true, nums: [7] }],
        [rosa, { name: 'e' }],
      ];
      for (const [client, data] of contents) ids[`${data.name}`] = await newDocument(client, schemaName, data);
      await send(pat, 'transition', { id: ids.b, name: 'go' });
      await send(quinn, 'transition', { id: ids.d, name: 'go' });
      await send(admin, 'link', { id: ids.a, userIds: [quinn.userId], groupIds: [groupA] });
      await send(admin, 'link', { id: ids.c, groupIds: [groupB] });
    });

    const filled = <T>(given: T): T =>
      given === null
        ? given
        : JSON.parse(JSON.stringify(given).replace(/\{(\w+)\}/g, (_all, name) => ids[name] ?? '?'));
    const find = async (variables: object) =>
      (await world.clinic.karim.run(listing, { schemaName, first: 100, ...variables })).documents;

    type Case = [filter: object | null, rql: string | null, names: string];
    const on = (field: string, operators: object) => ({ field, ...operators });
    const cases: Readonly<Record<string, Case[]>> = {
      'root fields': [
        [on('id', { eq: '{a}' }), 'eq(id,{a})', 'a'],
        [on('id', { ne: '{a}' }), 'ne(id,{a})', 'bcde'],
        [on('id', { in: ['{a}', '{c}'] }), 'in(id,{a},{c})', 'ac'],
        [on('id', { out: ['{a}', '{c}'] }), 'out(id,{a},{c})', 'bde'],
        [on('status', { eq: 'done' }), 'eq(status,done)', 'bd'],
        [on('status', { ne: 'done' }), 'ne(status,done)', 'ace'],
        [on('status', { gt: 'done' }), 'gt(status,done)', 'ace'],
        [on('status', { le: 'done' }), 'le(status,done)', 'bd'],
        [on('status', { like: 'ON' }), 'like(status,ON)', 'bd'],
        [on('status', { in: ['done', 'old'] }), 'in(status,done,old)', 'bd'],
        [on('status', { present: true }), 'contains(status)', 'abcde'],
        [on('creatorId', { eq: '{pat}' }), 'eq(creatorId,{pat})', 'ab'],
        [on('creatorId', { out: ['{pat}', '{rosa}'] }), 'out(creatorId,{pat},{rosa})', 'cd'],
        [on('userIds', { eq: '{quinn}' }), 'eq(userIds,{quinn})', 'a'],
        [on('userIds', { ne: '{quinn}' }), 'ne(userIds,{quinn})', 'bcde'],
        [on('groupIds', { in: ['{groupA}', '{groupB}'] }), 'in(groupIds,{groupA},{groupB})', 'ac'],
        [on('groupIds', { out: ['{groupA}'] }), 'out(groupIds,{groupA})', 'bcde'],
        [on('createdAt', { ge: '2020' }), 'ge(creationTimestamp,2020-01-01)', 'abcde'],
        [on('updatedAt', { lt: '2020-01-01' }), 'lt(updateTimestamp,2020-01-01)', ''],
        [on('statusChangedAt', { gt: '2020-01' }), 'gt(statusChangedAt,2020-01-01)', 'abcde'],
      ],
      'single values': [
        [on('data.n', { eq: 2 }), 'eq(data.n,2)', 'bc'],
        [on('data.n', { ne: 2 }), 'ne(data.n,2)', 'ade'],
        [on('data.n', { gt: 2 }), 'gt(data.n,2)', 'd'],
        [on('data.n', { ge: 2 }), 'ge(data.n,2)', 'bcd'],
        [on('data.n', { lt: 2 }), 'lt(data.n,2)', 'a'],
        [on('data.n', { le: 2 }), 'le(data.n,2)', 'abc'],
        [on('data.n', { gt: 1, lt: 10 }), 'gt(data.n,1)&lt(data.n,10)', 'bc'],
        [on('data.n', { in: [1, 10.5] }), 'in(data.n,1,10.5)', 'ad'],
        [on('data.n', { out: [1, 10.5] }), 'out(data.n,1,10.5)', 'bce'],
        [on('data.n', { eq: null }), 'eq(data.n,null)', 'e'],
        [on('data.n', { ne: null }), 'ne(data.n,null)', 'abcd'],
        [on('data.n', { eq: '2' }), 'eq(data.n,string:2)', ''],
        [on('data.n', { ne: '2' }), 'ne(data.n,string:2)', 'abcde'],
        [on('data.s', { eq: 'Apple' }), 'eq(data.s,Apple)', 'a'],
        [on('data.s', { eq: '' }), 'eq(data.s,)', 'd'],
        [on('data.s', { gt: 'B' }), 'gt(data.s,B)', 'bc'],
        [on('data.s', { like: 'PL' }), 'like(data.s,PL)', 'a'],
        [on('data.s', { like: 'ä' }), 'like(data.s,%C3%A4)', 'c'],
        [on('data.s', { like: '%' }), 'like(data.s,%25)', ''],
        [on('data.b', { eq: true }), 'eq(data.b,true)', 'ad'],
        [on('data.b', { ne: true }), 'ne(data.b,true)', 'bce'],
        [on('data.b', { eq: false }), 'eq(data.b,false)', 'b'],
      ],
      moments: [
        [on('data.at', { eq: '2025-06-01' }), 'eq(data.at,2025-06-01)', 'c'],
        [on('data.at', { lt: '2024-03-31T02:30+02:00' }), 'lt(data.at,2024-03-31T02:30%2B02:00)', 'a'],
        [on('data.at', { le: '2024-03-31T02:30+02:00' }), 'le(data.at,2024-03-31T02:30%2B02:00)', 'ab'],
        [on('data.at', { ge: '2024-03', lt: '2025' }), 'ge(data.at,2024-03)&lt(data.at,date:2025)', 'b'],
        [
          on('data.at', { in: ['2024-01-15T10:00:00Z', '2025-06'] }),
          'in(data.at,2024-01-15T10:00:00Z,date:2025-06)',
          'ac',
        ],
        [on('data.at', { gt: '1970-01-01' }), 'gt(data.at,epoch:0)', 'abc'],
      ],
      presence: [
        [on('data.n', { present: true }), 'contains(data.n)', 'abcd'],
        [on('data.n', { present: false }), 'excludes(data.n)', 'e'],
        [on('data.tags', { present: true }), 'contains(data.tags)', 'abc'],
        [on('data.tags.1', { present: false }), 'excludes(data.tags.1)', 'bcde'],
        [on('data.device.model', { present: true }), 'contains(data.device.model)', 'ac'],
      ],
      'lists and objects': [
        [on('data.tags', { eq: 'x' }), 'eq(data.tags,x)', 'a'],
        [on('data.tags', { ne: 'x' }), 'ne(data.tags,x)', 'bcde'],
        [on('data.tags', { in: ['x', 'y'] }), 'in(data.tags,x,y)', 'ab'],
        [on('data.tags', { out: ['x', 'z'] }), 'out(data.tags,x,z)', 'bcde'],
        [on('data.tags', { like: 'Y' }), 'like(data.tags,Y)', 'ab'],
        [on('data.tags.0', { eq: 'y' }), 'eq(data.tags.0,y)', 'b'],
        [on('data.nums', { gt: 4 }), 'gt(data.nums,4)', 'ad'],
        [on('data.nums', { lt: 2 }), 'lt(data.nums,2)', 'a'],
        [on('data.device.model', { eq: 'M1' }), 'eq(data.device.model,M1)', 'a'],
        [on('data.device.color', { like: 'RE' }), 'like(data.device.color,RE)', 'a'],
        [on('data.meals.0.kcal', { ge: 600 }), 'ge(data.meals.0.kcal,600)', 'b'],
      ],
      'conditions on elements': [
        [on('data.meals', { contains: on('kcal', { gt: 600 }) }), 'contains(data.meals,gt(kcal,600))', 'ab'],
        [on('data.meals', { excludes: on('kcal', { gt: 600 }) }), 'excludes(data.meals,gt(kcal,600))', 'cde'],
        [
          on('data.meals', { contains: { and: [on('kcal', { gt: 600 }), on('name', { like: 'pie' })] } }),
          'contains(data.meals,and(gt(kcal,600),like(name,pie)))',
          'a',
        ],
        [
          on('data.meals', { contains: { or: [on('kcal', { lt: 500 }), on('name', { eq: 'Pie' })] } }),
          'contains(data.meals,or(lt(kcal,500),eq(name,Pie)))',
          'a',
        ],
        [
          on('data.meals', { contains: on('parts', { contains: on('x', { eq: 2 }) }) }),
          'contains(data.meals,contains(parts,eq(x,2)))',
          'a',
        ],
        [on('data.meals', { contains: on('parts', { present: false }) }), 'contains(data.meals,excludes(parts))', 'ab'],
      ],
      logic: [
        [{}, '', 'abcde'],
        [{ or: [on('data.n', { eq: 1 }), on('status', { eq: 'done' })] }, 'or(eq(data.n,1),eq(status,done))', 'abd'],
        [{ and: [on('data.n', { ge: 2 }), on('data.n', { lt: 5 })] }, 'and(ge(data.n,2),lt(data.n,5))', 'bc'],
        [
          on('data.n', { ge: 2, or: [on('data.b', { eq: true }), on('data.s', { like: 'ban' })] }),
          'data.n>=2&(data.b=true|data.s=like=ban)',
          'bd',
        ],
        [{ not: on('data.n', { gt: 1 }) }, null, 'ae'],
        [{ not: { or: [on('data.n', { eq: null }), on('status', { eq: 'new' })] } }, null, 'bd'],
        [on('data.nope', { eq: null }), 'eq(data.nope,null)', ''],
        [on('data.nope', { ne: 1 }), 'ne(data.nope,1)', ''],
        [null, '?data.n=2&status!=done', 'c'],
        [null, '(data.n=1|data.n=gt=5)&data.b=true', 'ad'],
      ],
    };

    test.each(Object.keys(cases))('%s', async (what) => {
      const results: [string, string, number][] = [];
      const expected: [string, string, number][] = [];
      for (const [filter, rql, names] of cases[what] ?? []) {
        for (const given of [filter && { filter }, rql !== null && { rql }]) {
          if (!given) continue;
          const { nodes, totalCount } = await find(filled(given));
          const count = (await world.clinic.karim.run(figures, { schemaName, ...filled(given) })).documentAggregate;
          results.push([JSON.stringify(given), inOrder(namesOf(nodes)), totalCount - count.groups[0].count]);
          expected.push([JSON.stringify(given), names, 0]);
        }
      }
      expect(results).toEqual(expected);
    });

    test('given both, both must hold', async () => {
      const { nodes, totalCount } = await find({ filter: { field: 'data.n', ge: 2 }, rql: 'eq(data.b,true)' });
      expect([namesOf(nodes), totalCount]).toEqual(['d', 1]);
    });

    test('RQL says in which order, how many, how many to pass over, and what of the data', async () => {
      const names = async (rql: string, more: object = {}) =>
        namesOf((await find({ rql, first: undefined, ...more })).nodes);
      expect(await names('sort(-data.n,+data.name)')).toBe('dbcae');
      expect(await names('sort(-data.n,data.name)&limit(2,1)')).toBe('bc');
      expect(await names('and(ge(data.n,2),sort(data.s),limit(2))')).toBe('db');
      expect(await names('limit(2,10000)')).toBe('');
      expect(await find({ rql: 'limit(0)&skipCount()', first: undefined })).toMatchObject({ nodes: [], totalCount: 5 });
      const shown = async (rql: string) => (await find({ rql })).nodes[0].data;
      expect(await shown('eq(id,{a})&select(id,data.n,data.meals.kcal)'.replace('{a}', ids.a ?? ''))).toEqual({
        n: 1,
        meals: [{ kcal: 300 }, { kcal: 700 }],
      });
      expect(await shown('eq(data.name,e)&select(status)')).toEqual({});
      const { documents } = await world.clinic.karim.run(
        `{ documents(schemaName: "${schemaName}", rql: "eq(data.name,a)&select(data.device,data.n)") {
          nodes { data(fields: ["device.color", "tags", "nope"]) }
        } }`,
      );
      expect(documents.nodes).toEqual([{ data: { device: { color: 'red' } } }]);
    });

    test('what makes no sense is refused, naming the place, and never answered with a failure', async () => {
      const { karim } = world.clinic;
      const refuse = async (query: string, variables: object) => {
        const refusal = refusalOf(await karim.ask(query, { schemaName, ...variables }));
        expect(refusal.message).not.toMatch(/SELECT |prisma|postgres|node_modules/);
        return refusal;
      };
      const deep = (depth: number): object => (depth === 0 ? {} : { not: deep(depth - 1) });
      const badFilters: [object, string][] = [
        [{ eq: 1 }, 'filter.field'],
        [{ field: 'owner', eq: 1 }, 'filter.field'],
        [{ field: 'data', eq: 1 }, 'filter.field'],
        [{ field: 'data.secret', eq: 'x' }, 'filter.field'],
        [{ field: 'data.s', eq: {} }, 'filter.eq'],
        [{ field: 'data.s', eq: 'a\0' }, 'filter.eq'],
        [{ field: 'data.n', gt: true }, 'filter.gt'],
        [{ field: 'data.n', in: Array(101).fill(1) }, 'filter.in'],
        [{ field: 'creatorId', eq: 'me' }, 'filter.eq'],
        [{ field: 'createdAt', gt: 'now' }, 'filter.gt'],
        [{ and: [{}, { or: [{ gt: 1 }] }] }, 'filter.and.1.or.0.field'],
        [{ field: 'data.meals', contains: { eq: 1 } }, 'filter.contains.field'],
        [deep(10), `filter${'.not'.repeat(10)}`],
        [{ and: Array(100).fill({}) }, 'filter.and.99'],
      ];
      for (const [filter, field] of badFilters) {
        for (const query of [listing, figures]) {
          expect(await refuse(query, { filter })).toMatchObject({ code: 'BAD_USER_INPUT', details: { field } });
        }
      }
      const badRql = [
        ...[
          'eq',
          'eq(',
          'eq(data.n)',
          'eq(data.n,1,2)',
          'eq(data.n,1))',
          'eq(data.s,a)a)',
          'eq(data.s,100%)',
          '&',
          '(',
        ],
        ...['eq(data.n,1)&eq(data.n,2)|eq(data.n,3)', 'not(eq(data.n,1))', 'toString(data.n,1)', 'contains()'],
        ...['eq(data.secret,x)', 'eq(owner,1)', 'eq(creatorId,me)', 'gt(data.n,true)', 'eq(data.n,number:x)'],
        ...['eq(data.s,re:a+)', 'eq(data.at,date:soon)', `eq(data.s,${'a'.repeat(20_000)})`, 'eq(data.s,\ud800)'],
        ...[`${'('.repeat(50)}eq(data.n,1)${')'.repeat(50)}`, `in(data.n,${'1,'.repeat(101)}1)`],
      ];
      const badPages = [
        ...['limit(-1)', 'limit(1.5)', 'limit()', 'limit(1,10001)', 'limit(1)&limit(2)', 'or(limit(1))', 'sort()'],
        ...[
          'sort(creatorId)',
          'sort(data.secret)',
          'sort(id,id,id,id,id,id)',
          'select()',
          'select(data.device,data.device.model)',
        ],
      ];
      for (const rql of [...badRql, ...badPages]) {
        for (const query of badPages.includes(rql) ? [listing] : [listing, figures]) {
          const fault = await refuse(query, { rql });
          expect([rql, fault]).toEqual([
            rql,
            {
              code: 'BAD_USER_INPUT',
              message: expect.any(String),
              details: expect.objectContaining({ field: 'rql', code: 19 }),
            },
          ]);
        }
      }
      const { endCursor } = (await find({ first: 1, orderBy: [{ field: 'data.n' }] })).pageInfo;
      for (const [variables, field] of [
        [{ orderBy: [{ field: 'creatorId' }] }, 'orderBy.0.field'],
        [{ orderBy: Array(6).fill({ field: 'id' }) }, 'orderBy'],
        [{ first: -1 }, 'first'],
        [{ first: 1, last: 1 }, undefined],
        [{ first: 1, after: 'x' }, 'after'],
        [{ first: 1, after: endCursor }, 'after'],
        [{ rql: 'sort(data.n)', orderBy: [{ field: 'data.s' }] }, 'rql'],
        [{ rql: 'limit(1)', first: 1 }, 'rql'],
      ] as const) {
        const fault = await refuse(listing, variables);
        expect(fault).toMatchObject({ code: 'BAD_USER_INPUT', ...(field === undefined ? {} : { details: { field } }) });
      }
      for (const query of [listing, figures]) {
        expect(refusalOf(await karim.ask(query, { schemaName: 'nope' })).code).toBe('NOT_FOUND');
        const nobody = createGraphqlClient(world.shape.url);
        expect(refusalOf(await nobody.ask(query, { schemaName })).code).toBe('UNAUTHENTICATED');
      }
    });
  });
});
