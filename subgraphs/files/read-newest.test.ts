// Pages from new to old of files that are the viewer's own or linked to documents: the same as if all were sorted at
// once, and no more is asked about links than the page needs.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { equals } from '../../platform/access/condition.ts';
import { newId } from '../../platform/ids.ts';
import { type PageRequest, pageRequest } from '../../platform/paging/page.ts';
import type { Sort } from '../../platform/paging/prisma-page.ts';
import { startTestDatabase, type TestDatabase } from '../../tests/support/database.ts';
import { readNewest, readsNewestFirst } from './read-newest.ts';
import { createFileStore } from './store.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.close());

interface Made {
  readonly own: boolean;
  readonly linked: boolean;
  readonly tagged: boolean;
}

const made = fc.array(fc.record<Made>({ own: fc.boolean(), linked: fc.boolean(), tagged: fc.boolean() }), {
  minLength: 1,
  maxLength: 12,
});
const asked = fc.record({
  direction: fc.constantFrom('asc' as const, 'desc' as const),
  limit: fc.integer({ min: 1, max: 4 }),
  newest: fc.option(fc.nat(11)),
  oldest: fc.option(fc.nat(11)),
  onlyTagged: fc.boolean(),
  linksAtOnce: fc.integer({ min: 1, max: 3 }),
});

async function keep(files: readonly Made[], viewer: string): Promise<string[]> {
  const rows = files.map(({ own, tagged }) => ({
    ...{ id: newId(), name: 'x', mimeType: 'text/plain' },
    ...{ tags: tagged ? ['tagged'] : [], creatorId: own ? viewer : newId() },
  }));
  await database.forService<'file'>('files').db.file.createMany({ data: rows });
  return rows.map(({ id }) => id);
}

/** Pages of the ids older than `before`, and how many were asked for. */
function links(ids: readonly string[], atOnce: number) {
  const counted = { pages: 0 };
  async function* linked(before: string | undefined) {
    const older = [...ids].reverse().filter((id) => before === undefined || id < before);
    for (let start = 0; ; start += atOnce) {
      counted.pages += 1;
      yield older.slice(start, start + atOnce);
      if (start + atOnce > older.length) return;
    }
  }
  return { linked, counted };
}

test('a page is what the whole list has there, wherever it begins and ends', async () => {
  await fc.assert(
    fc.asyncProperty(made, asked, async (files, { direction, limit, newest, oldest, onlyTagged, linksAtOnce }) => {
      const viewer = newId();
      const ids = await keep(files, viewer);
      const [upper, lower] = [newest, oldest].map((place) => (place === null ? undefined : ids[place % ids.length]));
      const cursor = (id: string | undefined) => (id === undefined ? undefined : { key: null, id });
      const sort: Sort = { field: 'id', direction };
      const bounds = { newer: cursor(upper), older: cursor(lower) };
      const request: PageRequest = {
        ...pageRequest(direction === 'desc' ? { first: limit } : { last: limit }, 'any'),
        after: direction === 'desc' ? bounds.newer : bounds.older,
        before: direction === 'desc' ? bounds.older : bounds.newer,
      };
      expect(readsNewestFirst({ request, sort })).toBe(true);
      const { linked } = links(
        ids.filter((_id, place) => files[place]?.linked),
        linksAtOnce,
      );
      const where = onlyTagged ? { tags: { has: 'tagged' } } : {};
      const visible = { alone: equals('creatorId', viewer), linked };
      const page = await readNewest({ request, sort, where }, visible, createFileStore(database));

      const whole = ids.filter((id, place) => {
        const file = files[place] as Made;
        if (!file.own && !file.linked) return false;
        if (onlyTagged && !file.tagged) return false;
        return (upper === undefined || id < upper) && (lower === undefined || id > lower);
      });
      expect(page.map(({ id }) => id)).toEqual(whole.reverse().slice(0, limit + 1));
    }),
    { numRuns: 150 },
  );
}, 300_000);

test('the newest of many are found without asking for all links', async () => {
  const viewer = newId();
  const ids = await keep(
    Array.from({ length: 60 }, () => ({ own: false, linked: true, tagged: false })),
    viewer,
  );
  const { linked, counted } = links(ids, 10);
  const request = pageRequest({ first: 5 }, 'any');
  const sort: Sort = { field: 'id', direction: 'desc' };
  const visible = { alone: equals('creatorId', viewer), linked };
  const page = await readNewest({ request, sort, where: {} }, visible, createFileStore(database));
  expect(page.map(({ id }) => id)).toEqual(ids.reverse().slice(0, 6));
  expect(counted.pages).toBe(1);
});
