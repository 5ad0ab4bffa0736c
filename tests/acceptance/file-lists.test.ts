// Lists of files, as clients read them: filtered, sorted, page by page to the end and back.
import { beforeAll, expect, jest, test } from '@jest/globals';
import { createFile, sha256Of, uploadedFile } from '../support/api-files.ts';
import { describeFiles } from '../support/describe-files.ts';
import { refusalOf } from '../support/document-writing.ts';
import { createGraphqlClient } from '../support/graphql-client.ts';

jest.setTimeout(300_000);

const listing = `query ($filter: FileFilter, $orderBy: FileOrder, $first: Int, $after: String, $last: Int, $before: String) {
  files(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
    totalCount nodes { id name mimeType tags size sha256 status } edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

interface Listed {
  readonly id: string;
  readonly name: string;
  readonly mimeType: string;
  readonly tags: readonly string[];
  readonly size: number | null;
  readonly sha256: string | null;
  readonly status: string;
}

/** Undefined: no bytes ever came. Names and sizes repeat. */
const kinds = [
  { name: 'beta.txt', mimeType: 'text/plain', tags: ['ecg'], bytes: 'bb' },
  { name: 'alpha.txt', mimeType: 'text/plain', tags: ['ecg', 'holter'], bytes: 'a' },
  { name: 'beta.txt', mimeType: 'text/csv', tags: [], bytes: undefined },
  { name: 'gamma.bin', mimeType: 'application/octet-stream', tags: ['holter'], bytes: 'bb' },
  { name: 'alpha.txt', mimeType: 'text/plain', tags: [], bytes: undefined },
  { name: 'delta.bin', mimeType: 'application/octet-stream', tags: ['ecg'], bytes: '' },
  { name: 'beta.txt', mimeType: 'text/plain', tags: ['ECG'], bytes: 'cc' },
  { name: '100%.txt', mimeType: 'text/plain', tags: ['ecg', 'old'], bytes: 'a longer text' },
] as const;

const sha = (text: string) => sha256Of(Buffer.from(text));

/** What a filter asks for, and which files that is. */
const filters: readonly [filter: object, holds: (file: Listed) => boolean][] = [
  [{}, () => true],
  [{ tags: { contains: 'ecg' } }, ({ tags }) => tags.includes('ecg')],
  [{ tags: { excludes: 'ecg' } }, ({ tags }) => !tags.includes('ecg')],
  [{ tags: { contains: 'ecg', excludes: 'old' } }, ({ tags }) => tags.includes('ecg') && !tags.includes('old')],
  [{ mimeType: { eq: 'text/plain' } }, ({ mimeType }) => mimeType === 'text/plain'],
  [{ mimeType: { in: ['text/csv', 'text/plain'] } }, ({ mimeType }) => mimeType.startsWith('text/')],
  [{ mimeType: { like: 'TEXT/' } }, ({ mimeType }) => mimeType.startsWith('text/')],
  [{ name: { eq: 'beta.txt' } }, ({ name }) => name === 'beta.txt'],
  [{ name: { ne: 'beta.txt' } }, ({ name }) => name !== 'beta.txt'],
  [{ name: { out: ['beta.txt', 'alpha.txt'] } }, ({ name }) => name !== 'beta.txt' && name !== 'alpha.txt'],
  [{ name: { like: 'PHA' } }, ({ name }) => name === 'alpha.txt'],
  [{ name: { like: '%' } }, ({ name }) => name.includes('%')],
  [{ size: { eq: 2 } }, ({ size }) => size === 2],
  [{ size: { ne: 2 } }, ({ size }) => size !== 2],
  [{ size: { gt: 0, le: 2 } }, ({ size }) => size === 1 || size === 2],
  [{ size: { ge: 2 } }, ({ size }) => size !== null && size >= 2],
  [{ size: { lt: 1 } }, ({ size }) => size === 0],
  [{ size: { gt: 2 ** 52 } }, () => false],
  [{ not: { size: { gt: 0 } } }, ({ size }) => size === null || size === 0],
  [{ sha256: { eq: sha('bb') } }, ({ sha256 }) => sha256 === sha('bb')],
  [{ sha256: { ne: sha('bb') } }, ({ sha256 }) => sha256 !== sha('bb')],
  [{ sha256: { in: [sha('bb'), sha('')] } }, ({ sha256 }) => sha256 === sha('bb') || sha256 === sha('')],
  [{ status: { eq: 'READY' } }, ({ status }) => status === 'READY'],
  [{ status: { out: ['READY', 'INFECTED'] } }, ({ status }) => status === 'AWAITING_BYTES'],
  [{ status: { in: ['SCANNING', 'INFECTED'] } }, () => false],
  [
    { tags: { contains: 'ecg' }, size: { gt: 0 }, mimeType: { eq: 'text/plain' }, status: { ne: 'INFECTED' } },
    ({ tags, size, mimeType }) => tags.includes('ecg') && (size ?? 0) > 0 && mimeType === 'text/plain',
  ],
  [
    { or: [{ tags: { contains: 'holter' } }, { and: [{ name: { like: 'beta' } }, { size: { ge: 2 } }] }] },
    ({ tags, name, size }) => tags.includes('holter') || (name === 'beta.txt' && size !== null),
  ],
  [
    { not: { or: [{ status: { eq: 'AWAITING_BYTES' } }, { tags: { contains: 'ecg' } }] } },
    ({ status, tags }) => status === 'READY' && !tags.includes('ecg'),
  ],
  [{ or: [] }, () => false],
];

const deep = (levels: number): object => (levels === 0 ? { name: { eq: 'x' } } : { not: deep(levels - 1) });
const idOf = ({ id }: { id: string }) => id;

describeFiles('lists of files', (world) => {
  /** Oldest first. */
  const all: Listed[] = [];
  const list = async (variables: object = {}) => (await world.clinic.pat.run(listing, { ...variables })).files;

  beforeAll(async () => {
    const { pat, quinn } = world.clinic;
    // What others have is in no list.
    await uploadedFile(quinn, Buffer.from('bb'), { name: 'beta.txt', tags: ['ecg'] });
    for (const { bytes, ...input } of kinds) {
      const { id } = await (bytes === undefined
        ? createFile(pat, input)
        : uploadedFile(pat, Buffer.from(bytes), input));
      const known = bytes === undefined ? undefined : Buffer.from(bytes);
      all.push({
        ...{ id, ...input },
        size: known?.length ?? null,
        sha256: known === undefined ? null : sha256Of(known),
        status: known === undefined ? 'AWAITING_BYTES' : 'READY',
      });
    }
  }, 300_000);

  test('newest first unless told, with all that is known of them', async () => {
    const newest = [...all].reverse();
    const { nodes, edges, totalCount, pageInfo } = await list();
    expect([totalCount, nodes]).toEqual([kinds.length, newest]);
    expect(edges.map(({ node }: { node: Listed }) => node.id)).toEqual(newest.map(idOf));
    expect(pageInfo).toEqual({
      hasNextPage: false,
      hasPreviousPage: false,
      startCursor: edges[0].cursor,
      endCursor: edges.at(-1).cursor,
    });
  });

  test('with filters of every kind, alone and together', async () => {
    for (const [filter, holds] of filters) {
      const expected = all.filter(holds).map(idOf).reverse();
      const { nodes, totalCount } = await list({ filter });
      expect([filter, totalCount, nodes.map(idOf)]).toEqual([filter, expected.length, expected]);
      // Counted past the page, too.
      const { totalCount: again, nodes: one } = await list({ filter, first: 1, orderBy: { field: 'SIZE' } });
      expect([filter, again, one.length]).toEqual([filter, expected.length, Math.min(1, expected.length)]);
    }
  });

  /** Ids grow with time and break ties in the direction of the order; what has no size is last in both directions. */
  const sorted = (field: string, direction: string): string[] => {
    const keyOf = (file: Listed) => (field === 'NAME' ? file.name : field === 'SIZE' ? file.size : file.id);
    return all
      .map((file, place) => ({ id: file.id, key: keyOf(file), place }))
      .sort((one, other) => {
        const up = direction === 'ASC' ? 1 : -1;
        if (one.key === other.key) return up * (one.place - other.place);
        if (one.key === null || other.key === null) return one.key === null ? 1 : -1;
        return one.key < other.key ? -up : up;
      })
      .map(idOf);
  };

  test.each([
    ['NAME', 'ASC'],
    ['NAME', 'DESC'],
    ['SIZE', 'ASC'],
    ['SIZE', 'DESC'],
    ['CREATED_AT', 'ASC'],
    ['CREATED_AT', 'DESC'],
  ])('by %s %s, page by page to the end and back, none lost and none twice', async (field, direction) => {
    const orderBy = { field, direction };
    const expected = sorted(field, direction);
    expect((await list({ orderBy })).nodes.map(idOf)).toEqual(expected);
    for (const length of [1, 3]) {
      const forward: string[] = [];
      for (let after: string | null = null, more = true; more; ) {
        const { nodes, pageInfo, totalCount } = await list({ orderBy, first: length, after });
        expect([totalCount, pageInfo.hasPreviousPage]).toEqual([all.length, after !== null]);
        forward.push(...nodes.map(idOf));
        [after, more] = [pageInfo.endCursor, pageInfo.hasNextPage];
      }
      expect(forward).toEqual(expected);
      const backward: string[] = [];
      for (let before: string | null = null, more = true; more; ) {
        const { nodes, pageInfo, totalCount } = await list({ orderBy, last: length, before });
        expect([totalCount, pageInfo.hasNextPage]).toEqual([all.length, before !== null]);
        backward.unshift(...nodes.map(idOf));
        [before, more] = [pageInfo.startCursor, pageInfo.hasPreviousPage];
      }
      expect(backward).toEqual(expected);
    }
    // Between two cursors, and with a filter.
    const { edges } = await list({ orderBy });
    const between = await list({ orderBy, after: edges[1].cursor, before: edges[6].cursor });
    expect(between.nodes.map(idOf)).toEqual(expected.slice(2, 6));
    const { nodes } = await list({ orderBy, filter: { tags: { contains: 'ecg' } }, after: edges[1].cursor, first: 2 });
    const tagged = new Set(all.filter(({ tags }) => tags.includes('ecg')).map(idOf));
    expect(nodes.map(idOf)).toEqual(
      expected
        .slice(2)
        .filter((id) => tagged.has(id))
        .slice(0, 2),
    );
  });

  test('upwards where an order names no direction', async () => {
    expect((await list({ orderBy: { field: 'SIZE' } })).nodes.map(idOf)).toEqual(sorted('SIZE', 'ASC'));
  });

  test.each([
    ['both ends at once', { first: 1, last: 1 }, 'last'],
    ['a negative number', { first: -1 }, 'first'],
    ['a negative number from the back', { last: -1 }, 'last'],
    ['a cursor that is none', { after: 'x' }, 'after'],
    ['a cursor that is none, from the back', { last: 1, before: 'bnVsbA' }, 'before'],
    ['an id that is none', { filter: { id: { eq: 'x' } } }, 'filter.id.eq'],
    ['an id of a creator that is none', { filter: { creatorId: { in: ['x'] } } }, 'filter.creatorId.in'],
    ['a name that cannot be stored', { filter: { name: { like: '\u0000' } } }, 'filter.name'],
    ['a tag that cannot be stored', { filter: { tags: { contains: '\u0000' } } }, 'filter.tags.contains'],
    ['a checksum that cannot be stored', { filter: { sha256: { eq: '\u0000' } } }, 'filter.sha256.eq'],
    ['too many values', { filter: { name: { in: Array(101).fill('x') } } }, 'filter.name.in'],
    ['too many filters', { filter: { or: Array(100).fill({ name: { eq: 'x' } }) } }, 'filter'],
    ['filters nested too deep', { filter: deep(10) }, 'filter'],
    ['a size below nothing', { filter: { size: { gt: -1 } } }, undefined],
    ['a part of a byte', { filter: { size: { eq: 1.5 } } }, undefined],
    ['a size that is none', { filter: { size: { eq: '10' } } }, undefined],
    ['a size beyond what numbers can say', { filter: { size: { lt: 2 ** 53 } } }, undefined],
    ['a status that there is not', { filter: { status: { eq: 'GONE' } } }, undefined],
    ['an order that there is not', { orderBy: { field: 'MIME_TYPE' } }, undefined],
    ['an order without a field', { orderBy: { direction: 'ASC' } }, undefined],
    ['a direction that there is not', { orderBy: { field: 'NAME', direction: 'UP' } }, undefined],
    ['a filter that there is not', { filter: { colour: { eq: 'red' } } }, undefined],
  ])('refused with %s', async (_what, variables, field) => {
    const { code, details } = refusalOf(await world.clinic.pat.ask(listing, { ...variables }));
    expect(code).toBe('BAD_USER_INPUT');
    if (field !== undefined) expect(details?.field?.startsWith(field)).toBe(true);
  });

  test.each(['NAME', 'SIZE', 'CREATED_AT'])('refused with a cursor of another order than %s', async (field) => {
    for (const other of ['NAME', 'SIZE', 'CREATED_AT']) {
      for (const direction of ['ASC', 'DESC']) {
        if (other === field && direction === 'ASC') continue;
        const { pageInfo } = await list({ orderBy: { field: other, direction }, first: 1 });
        const wrong = { orderBy: { field, direction: 'ASC' }, after: pageInfo.endCursor };
        const { code, details } = refusalOf(await world.clinic.pat.ask(listing, wrong));
        expect([other, direction, code, details?.field]).toEqual([other, direction, 'BAD_USER_INPUT', 'after']);
      }
    }
  });

  test('for people who are signed in, each with their own', async () => {
    const { quinn, admin } = world.clinic;
    expect((await quinn.run(listing, { filter: { name: { eq: 'beta.txt' } } })).files.totalCount).toBe(1);
    // With VIEW_FILES all.
    expect((await admin.run(listing, { filter: { name: { eq: 'beta.txt' } } })).files.totalCount).toBe(4);
    const { errors } = await createGraphqlClient(world.shape.url).ask(listing);
    expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });
});
