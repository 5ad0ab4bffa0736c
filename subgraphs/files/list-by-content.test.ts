// Lists of files by what has arrived of them: filters on status, SHA-256 and size, and the order by size, in which files
// without bytes come last.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newId } from '../../platform/ids.ts';
import { fileQuestions } from '../../tests/support/file-questions.ts';
import { type FileService, type Person, startFileService } from '../../tests/support/file-service.ts';
import type { FileStatus } from './models.ts';

interface Row {
  readonly id: string;
  readonly size: number | null;
}

let files: FileService;
const { ask, refusal } = fileQuestions(() => files);
beforeAll(async () => {
  files = await startFileService();
});
afterAll(() => files.close());

const listed = `query ($filter: FileFilter, $orderBy: FileOrder, $first: Int, $after: String, $last: Int, $before: String) {
  files(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
    totalCount nodes { id name size } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;
const list = async (viewer: Person, variables: Record<string, unknown>) => (await ask(viewer, listed, variables)).files;

interface Kept {
  readonly name?: string;
  readonly size: number | null;
  readonly sha256?: string;
  readonly status?: FileStatus;
}

/** The rows of files, as uploads leave them. */
async function keep(creator: Person, kept: readonly Kept[]): Promise<Row[]> {
  const rows = kept.map(({ size, name = 'x', sha256, status = size === null ? 'AWAITING_BYTES' : 'READY' }) => ({
    ...{ id: newId(), name, status, mimeType: 'text/plain', tags: [], creatorId: creator.userId },
    ...{ size: size === null ? null : BigInt(size), sha256: size === null ? null : (sha256 ?? '0'.repeat(64)) },
  }));
  await files.graph.database.forService<'file'>('files').db.file.createMany({ data: rows });
  return rows.map(({ id, size }) => ({ id, size: size === null ? null : Number(size) }));
}

describe('a filter', () => {
  const pat: Person = { userId: newId() };
  const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
  beforeAll(() =>
    keep(pat, [
      { name: 'waits', size: null },
      { name: 'small', size: 1, sha256: a },
      { name: 'same', size: 10, sha256: a, status: 'SCANNING' },
      { name: 'large', size: 2 ** 40, sha256: b, status: 'INFECTED' },
    ]),
  );

  test.each([
    [{ status: { eq: 'READY' } }, ['small']],
    [{ status: { ne: 'READY' } }, ['waits', 'same', 'large']],
    [{ status: { in: ['SCANNING', 'INFECTED'] } }, ['same', 'large']],
    [{ status: { out: ['AWAITING_BYTES'] } }, ['small', 'same', 'large']],
    [{ not: { status: { eq: 'AWAITING_BYTES' } } }, ['small', 'same', 'large']],
    [{ status: {} }, ['waits', 'small', 'same', 'large']],
    [{ sha256: { eq: a } }, ['small', 'same']],
    [{ sha256: { ne: a } }, ['waits', 'large']],
    [{ sha256: { in: [b] } }, ['large']],
    [{ not: { sha256: { eq: a } } }, ['waits', 'large']],
    [{ not: { sha256: { ne: a } } }, ['small', 'same']],
    [{ sha256: { like: 'BBB' } }, ['large']],
    [{ size: { eq: 10 } }, ['same']],
    [{ size: { ne: 10 } }, ['waits', 'small', 'large']],
    [{ size: { gt: 1 } }, ['same', 'large']],
    [{ size: { ge: 1 } }, ['small', 'same', 'large']],
    [{ size: { lt: 2 ** 40 } }, ['small', 'same']],
    [{ size: { le: 2 ** 40 } }, ['small', 'same', 'large']],
    [{ size: { gt: 1, lt: 100 } }, ['same']],
    [{ not: { size: { gt: 1 } } }, ['waits', 'small']],
    [{ not: { size: { ne: 10 } } }, ['same']],
    [{ and: [{ size: { gt: 1 } }, { status: { ne: 'INFECTED' } }] }, ['same']],
  ])('%j finds %j', async (filter, names) => {
    const page = await list(pat, { filter, orderBy: { field: 'CREATED_AT' } });
    expect(page.nodes.map(({ name }: { name: string }) => name)).toEqual(names);
    expect(page.totalCount).toBe(names.length);
  });
});

test('where no service has documents, a list has what its viewer created', async () => {
  const pat: Person = { userId: newId() };
  const [older, newer] = await keep(pat, [{ size: 1 }, { size: null }]);
  await keep({ userId: newId() }, [{ size: 1 }]);
  const { nodes, totalCount } = await list(pat, {});
  expect([totalCount, nodes.map(({ id }: Row) => id)]).toEqual([2, [newer?.id, older?.id]]);
});

describe('the order by size', () => {
  test('refuses the cursors of another order, and what is none', async () => {
    const pat: Person = { userId: newId() };
    await keep(pat, [{ size: 1 }]);
    const [bySize, descending] = [{ field: 'SIZE' }, { field: 'SIZE', direction: 'DESC' }];
    const { endCursor } = (await list(pat, { orderBy: bySize })).pageInfo;
    const refused = { code: 'BAD_USER_INPUT', field: 'after' };
    expect(await refusal(pat, listed, { orderBy: descending, after: endCursor })).toMatchObject(refused);
    expect(await refusal(pat, listed, { after: endCursor })).toMatchObject(refused);
    for (const key of ['1', 1.5, true, [1]]) {
      const after = Buffer.from(JSON.stringify(['size asc', key, newId()])).toString('base64url');
      expect(await refusal(pat, listed, { orderBy: bySize, after })).toMatchObject(refused);
      const before = { orderBy: bySize, before: after };
      expect(await refusal(pat, listed, before)).toMatchObject({ ...refused, field: 'before' });
    }
  });

  const sizes = fc.array(fc.option(fc.constantFrom(0, 1, 7, 2 ** 40), { freq: 2 }), { maxLength: 9 });
  const paging = fc.record({
    direction: fc.constantFrom('ASC', 'DESC'),
    backward: fc.boolean(),
    size: fc.integer({ min: 1, max: 4 }),
  });

  test('goes through all files once, whatever their sizes, in pages of any length, from either end', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, paging, async (given, { direction, backward, size }) => {
        const pat: Person = { userId: newId() };
        const kept = await keep(
          pat,
          given.map((bytes) => ({ size: bytes })),
        );
        const orderBy = { field: 'SIZE', direction };
        const whole = bySize(kept, direction === 'ASC' ? 1 : -1);
        const seen: string[] = [];
        for (let cursor: string | null = null, more = true; more; ) {
          const page: Awaited<ReturnType<typeof list>> = await list(pat, {
            orderBy,
            ...(backward ? { last: size, before: cursor } : { first: size, after: cursor }),
          });
          const ids = page.nodes.map(({ id }: Row) => id);
          if (backward) seen.unshift(...ids);
          else seen.push(...ids);
          cursor = backward ? page.pageInfo.startCursor : page.pageInfo.endCursor;
          more = backward ? page.pageInfo.hasPreviousPage : page.pageInfo.hasNextPage;
          expect(page.totalCount).toBe(kept.length);
          expect(seen.length).toBeLessThanOrEqual(kept.length);
        }
        expect(seen).toEqual(whole);
      }),
      { numRuns: 40 },
    );
  }, 300_000);

  test('cut from both sides shows what lies between', async () => {
    const pat: Person = { userId: newId() };
    const kept = await keep(
      pat,
      [3, null, 1, 3, null, 2, null].map((size) => ({ size })),
    );
    for (const [direction, sign] of [
      ['ASC', 1],
      ['DESC', -1],
    ] as const) {
      const orderBy = { field: 'SIZE', direction };
      const whole = bySize(kept, sign);
      const cursors: string[] = [];
      for (let index = 0; index < whole.length; index++) {
        cursors.push((await list(pat, { orderBy, first: 1, after: cursors.at(-1) ?? null })).pageInfo.endCursor);
      }
      for (let start = 0; start < whole.length; start++) {
        for (let end = start + 1; end < whole.length; end++) {
          const page = await list(pat, { orderBy, after: cursors[start], before: cursors[end] });
          expect(page.nodes.map(({ id }: Row) => id)).toEqual(whole.slice(start + 1, end));
        }
      }
    }
  });
});

/** By size, and by creation where it is the same; without a size last, in the same direction of creation. */
function bySize(rows: readonly Row[], sign: 1 | -1): string[] {
  const compare = (one: Row, other: Row) => {
    const byId = one.id < other.id ? -1 : 1;
    if (one.size === other.size) return sign * byId;
    if (one.size === null) return 1;
    if (other.size === null) return -1;
    return sign * (one.size - other.size);
  };
  return [...rows].sort(compare).map(({ id }) => id);
}
