// Lists of documents, as clients read them: sorted, page by page, in figures, and under others.
import { describe, expect, jest, test } from '@jest/globals';
import { describeClinic } from '../support/describe-clinic.ts';
import { everyKind, type Found, figures, listing, namesOf } from '../support/document-listing.ts';
import { newDocument, newSchema, refusalOf, send } from '../support/document-writing.ts';
import type { GraphqlClient } from '../support/graphql-client.ts';

jest.setTimeout(300_000);

describeClinic('lists of documents', (world) => {
  describe('sorted by several keys, page by page to the end and back', () => {
    interface Key {
      readonly field: string;
      readonly direction: 'ASC' | 'DESC';
    }
    const valueAt = ({ id, status, data }: Found, field: string) =>
      field === 'id'
        ? id
        : field === 'status'
          ? status
          : (data[field.slice('data.'.length)] as string | number | undefined);
    const order = (one: string | number, other: string | number) => (one < other ? -1 : one > other ? 1 : 0);
    /** What a document lacks comes last in both directions; ids break ties in the direction of the last key. */
    const sorted = (all: readonly Found[], keys: readonly Key[]): string[] =>
      [...all]
        .sort((one, other) => {
          for (const { field, direction } of [...keys, { field: 'id', direction: keys.at(-1)?.direction ?? 'DESC' }]) {
            const [left, right] = [valueAt(one, field), valueAt(other, field)];
            if (left === undefined || right === undefined) {
              if (left !== right) return left === undefined ? 1 : -1;
              continue;
            }
            if (left !== right) return direction === 'ASC' ? order(left, right) : order(right, left);
          }
          return 0;
        })
        .map(({ id }) => id);

    test('ties and missing values are neither lost nor told twice', async () => {
      const { admin, pat, jane } = world.clinic;
      const schemaName = await newSchema(admin, { ...everyKind, maximumLimit: 30 });
      const [numbers, texts] = [
        [1, 1, 2, undefined, 2],
        ['b', 'a', undefined, 'B'],
      ];
      for (let index = 0; index < 22; index += 1) {
        const data = {
          n: numbers[index % 5],
          s: texts[index % 4],
          at: index % 3 === 0 ? undefined : `202${index % 7}`,
        };
        const id = await newDocument(pat, schemaName, data);
        if (index % 2 === 0) await send(pat, 'transition', { id, name: 'go' });
      }
      const page = async (variables: object) => (await jane.run(listing, { schemaName, ...variables })).documents;
      const all: Found[] = (await page({ first: 1_000 })).nodes;
      expect(all).toHaveLength(22);
      const key = (text: string): Key =>
        text.startsWith('-') ? { field: text.slice(1), direction: 'DESC' } : { field: text, direction: 'ASC' };
      for (const names of [
        ['data.n'],
        ['-data.n'],
        ['data.n', '-data.s'],
        ['-data.s', 'data.n', '-data.at'],
        ['status', '-data.at'],
        ['-status', 'data.n', 'id'],
        ['data.at', '-id'],
      ]) {
        const orderBy = names.map(key);
        const expected = sorted(all, orderBy);
        const forward: string[] = [];
        const pages: number[] = [];
        for (let after: string | null = null, more = true; more; ) {
          const { nodes, pageInfo, totalCount } = await page({ orderBy, first: 5, after });
          forward.push(...nodes.map(({ id }: Found) => id));
          pages.push(nodes.length);
          expect([totalCount, pageInfo.hasPreviousPage]).toEqual([22, after !== null]);
          [after, more] = [pageInfo.endCursor, pageInfo.hasNextPage];
        }
        expect([names, forward]).toEqual([names, expected]);
        expect(pages).toEqual([5, 5, 5, 5, 2]);
        const backward: string[] = [];
        for (let before: string | null = null, more = true; more; ) {
          const { nodes, pageInfo } = await page({ orderBy, last: 5, before });
          backward.unshift(...nodes.map(({ id }: Found) => id));
          [before, more] = [pageInfo.startCursor, pageInfo.hasPreviousPage];
        }
        expect([names, backward]).toEqual([names, expected]);
        const passedOver: string[] = [];
        for (let offset = 0; offset < 25; offset += 5) {
          const { nodes } = await page({ rql: `sort(${names.join(',')})&limit(5,${offset})` });
          passedOver.push(...nodes.map(({ id }: Found) => id));
        }
        expect([names, passedOver]).toEqual([names, expected]);
      }
    });
  });

  test('no page is longer than the schema says', async () => {
    const { admin, pat } = world.clinic;
    const schemaName = await newSchema(admin, { ...everyKind, defaultLimit: 2, maximumLimit: 3 });
    for (const name of 'abcde') await newDocument(pat, schemaName, { name });
    const names = async (variables: object) =>
      namesOf((await pat.run(listing, { schemaName, ...variables })).documents.nodes);
    expect(await names({})).toBe('ed');
    expect(await names({ first: 100 })).toBe('edc');
    expect(await names({ last: 100 })).toBe('cba');
    expect(await names({ rql: 'limit(100)' })).toBe('edc');
  });

  describe('within what the viewer sees', () => {
    const clinical = {
      ...everyKind,
      readMode: ['creator', 'linkedGroupStaff'],
      creationTransition: { type: 'manual', toStatus: 'new', actions: [{ type: 'linkEnlistedGroups' }] },
    };

    test('figures: how many, by what, in stretches of time, and measures', async () => {
      const { admin, pat, quinn, rosa, jane, karim, groupA, groupB } = world.clinic;
      const schemaName = await newSchema(admin, clinical);
      const contents: [GraphqlClient, object][] = [
        [pat, { n: 1, at: '2024-10-26T22:30Z', tags: ['x', 'y'] }],
        [pat, { n: 2.5, at: '2024-10-27T00:30Z', tags: ['x'] }],
        [quinn, { n: 4, at: '2024-10-27T01:30Z' }],
        [quinn, { at: '2024-10-27T22:59Z', tags: ['y'] }],
        [rosa, { n: 10, at: '2024-10-27T23:00Z' }],
      ];
      for (const [client, data] of contents) await newDocument(client, schemaName, data);
      const rows = async (viewer: GraphqlClient, variables: object) => {
        const { groups } = (await viewer.run(figures, { schemaName, ...variables })).documentAggregate;
        return groups.map(({ keys, count, values }: Record<string, unknown[]>) => [
          ...(keys ?? []),
          count,
          ...(values ?? []),
        ]);
      };
      for (const [viewer, count, sum] of [
        [admin, 5, 17.5],
        [jane, 4, 7.5],
        [karim, 1, 10],
        [pat, 2, 3.5],
        [quinn, 2, 4],
      ] as const) {
        const measures = [{ function: 'SUM', field: 'data.n' }];
        expect(await rows(viewer, { measures })).toEqual([[count, sum]]);
        expect((await viewer.run(listing, { schemaName })).documents.totalCount).toBe(count);
      }
      const all = ['COUNT', 'MIN', 'MAX', 'AVG', 'SUM'].map((name) => ({ function: name, field: 'data.n' }));
      expect(await rows(jane, { groupBy: [{ field: 'data.tags' }], measures: all })).toEqual([
        ['x', 2, 2, 1, 2.5, 1.75, 3.5],
        ['y', 2, 1, 1, 1, 1, 1],
        [null, 1, 1, 4, 4, 4, 4],
      ]);
      expect((await rows(admin, { groupBy: [{ field: 'groupIds' }] })).sort()).toEqual(
        [
          [groupA, 4],
          [groupB, 1],
        ].sort(),
      );
      const measures = [
        { function: 'MIN', field: 'data.at' },
        { function: 'MAX', field: 'data.at' },
      ];
      expect(await rows(admin, { rql: 'ge(data.n,4)', measures })).toEqual([
        [2, '2024-10-27T01:30:00.000Z', '2024-10-27T23:00:00.000Z'],
      ]);

      const buckets = (bucket: string, timeZone?: string) =>
        rows(admin, { groupBy: [{ field: 'data.at', bucket, ...(timeZone && { timeZone }) }] });
      // The clocks go back in between: the day is 25 hours long, and the hour from two comes twice.
      expect(await buckets('DAY', 'Europe/Brussels')).toEqual([
        ['2024-10-26T22:00:00.000Z', 4],
        ['2024-10-27T23:00:00.000Z', 1],
      ]);
      expect(await buckets('HOUR', 'Europe/Brussels')).toEqual([
        ['2024-10-26T22:00:00.000Z', 1],
        ['2024-10-27T00:00:00.000Z', 1],
        ['2024-10-27T01:00:00.000Z', 1],
        ['2024-10-27T22:00:00.000Z', 1],
        ['2024-10-27T23:00:00.000Z', 1],
      ]);
      expect(await buckets('HOUR', 'Asia/Kolkata')).toContainEqual(['2024-10-27T00:30:00.000Z', 1]);
      expect(await buckets('WEEK', 'Europe/Brussels')).toEqual([
        ['2024-10-20T22:00:00.000Z', 4],
        ['2024-10-27T23:00:00.000Z', 1],
      ]);
      expect(await buckets('MONTH')).toEqual([['2024-10-01T00:00:00.000Z', 5]]);

      const asked = { schemaName, groupBy: [{ field: 'creatorId' }, { field: 'data.n' }] };
      const whole = (await admin.run(figures, asked)).documentAggregate;
      expect([whole.complete, whole.groups.length]).toEqual([true, 5]);
      expect((await admin.run(figures, { ...asked, first: 2 })).documentAggregate).toEqual({
        complete: false,
        groups: whole.groups.slice(0, 2),
      });
      for (const [variables, field] of [
        [{ groupBy: [{ field: 'data.meals' }] }, 'groupBy.0.field'],
        [{ groupBy: [{ field: 'data.s', bucket: 'DAY' }] }, 'groupBy.0.bucket'],
        [{ groupBy: [{ field: 'data.at', bucket: 'DAY', timeZone: 'Mars/Base' }] }, 'groupBy.0.timeZone'],
        [{ groupBy: Array(4).fill({ field: 'status' }) }, 'groupBy'],
        [{ measures: [{ function: 'SUM', field: 'data.s' }] }, 'measures.0.field'],
        [{ measures: [{ function: 'MIN', field: 'data.secret' }] }, 'measures.0.field'],
        [{ first: 0 }, 'first'],
        [{ rql: 'limit(1)' }, 'rql'],
      ] as const) {
        const fault = refusalOf(await admin.ask(figures, { schemaName, ...variables }));
        expect(fault).toMatchObject({ code: 'BAD_USER_INPUT', details: { field } });
      }
    });

    test('documents under users and groups, with their versions and comments', async () => {
      const { admin, pat, rosa, jane, karim, quinn, groupA, groupB } = world.clinic;
      const schemaName = await newSchema(admin, clinical);
      for (const name of 'abc') {
        const id = await newDocument(pat, schemaName, { name, n: name.charCodeAt(0) });
        await send(pat, 'update', { id, data: { s: name } });
        await send(pat, 'comment', { documentId: id, text: `On ${name}.` });
      }
      const ofRosa = await newDocument(rosa, schemaName, { name: 'r', n: 0 });
      await send(admin, 'link', { id: ofRosa, userIds: [pat.userId] });
      const list = `documents(schemaName: "${schemaName}", filter: { field: "data.n", ge: 0 }, rql: "ne(data.name,a)",
        orderBy: [{ field: "data.n", direction: DESC }], first: 2) {
          totalCount pageInfo { hasNextPage } nodes { data versions(first: 1) { totalCount nodes { version kind user { id } } }
            comments { totalCount nodes { text creator { firstName } } } }
        }`;
      const under = async (viewer: GraphqlClient) => {
        const query = `{ user(id: "${pat.userId}") { ${list} } a: group(id: "${groupA}") { ${list} } b: group(id: "${groupB}") { ${list} } }`;
        const { user, a, b } = await viewer.run(query);
        return [user, a, b].map((one) => one && [namesOf(one.documents.nodes), one.documents.totalCount]);
      };
      expect(await under(admin)).toEqual([
        ['cb', 3],
        ['cb', 2],
        ['r', 1],
      ]);
      expect((await under(jane)).slice(0, 2)).toEqual([
        ['cb', 2],
        ['cb', 2],
      ]);
      expect((await under(karim))[2]).toEqual(['r', 1]);
      expect((await under(quinn))[1]).toEqual(['', 0]);
      const { user } = await pat.run(`{ user(id: "${pat.userId}") { ${list} } }`);
      expect(user.documents).toEqual({
        totalCount: 2,
        pageInfo: { hasNextPage: false },
        nodes: ['c', 'b'].map((name) => ({
          data: { name, n: name.charCodeAt(0), s: name },
          versions: { totalCount: 2, nodes: [{ version: 2, kind: 'UPDATED', user: { id: pat.userId } }] },
          comments: { totalCount: 1, nodes: [{ text: `On ${name}.`, creator: { firstName: 'Pat' } }] },
        })),
      });
      // Staff sees the documents, and not what is said about them.
      const seen = (await jane.run(`{ group(id: "${groupA}") { ${list} } }`)).group.documents;
      expect(seen.nodes.map(({ comments }: { comments: unknown }) => comments)).toEqual([null, null]);
    });
  });
});
