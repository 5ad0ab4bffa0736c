// What of a user only they themselves and VIEW_USER see: failed sign-ins, and links to OpenID Connect providers.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../platform/ids.ts';
import { type People, peopleIn } from '../../tests/support/people.ts';
import { countByTable, recordStatements } from '../../tests/support/recorded-statements.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../tests/support/subgraphs.ts';
import { users } from './index.ts';

let graph: TestSubgraphs;
let people: People;
let groupId: string;
let member: string;
let providerId: string;
const lastFailedAt = '2026-11-21T12:00:00.000Z';

beforeAll(async () => {
  graph = await startTestSubgraphs([users]);
  people = peopleIn(graph);
  groupId = await people.group();
  member = await people.user({
    failedCount: 3,
    lastFailedAt: new Date(lastFailedAt),
    timeZone: 'UTC',
    activation: true,
  });
  providerId = await people.oidcLink(member, 'subject');
  await people.staff(member, groupId);
  await people.patient(member, groupId);
});
afterAll(() => graph.close());

const fields =
  'id timeZone activation profileImage failedCount lastFailedAt oidcLinks { providerId subjectId provider { id } }';
const everyWay = `query ($id: ID!, $groupId: ID!, $references: [_Any!]!) {
  user(id: $id) { ${fields} }
  users { nodes { ${fields} } }
  group(id: $groupId) { staff { nodes { ${fields} } } patients { nodes { ${fields} } } }
  _entities(representations: $references) { ... on User { ${fields} } }
}`;

interface Seen {
  readonly id: string;
}

/** The member, as each way shows them to the viewer. */
async function sights(identity: object): Promise<Seen[]> {
  const variables = { id: member, groupId, references: [{ __typename: 'User', id: member }] };
  const { data, errors } = await graph.execute('users', { query: everyWay, variables, identity });
  expect(errors).toBeUndefined();
  const listed = [...data.users.nodes, ...data.group.staff.nodes, ...data.group.patients.nodes];
  const shown = [data.user, ...data._entities, ...listed].filter((user: Seen | null) => user?.id === member);
  return JSON.parse(JSON.stringify(shown));
}

describe('a user', () => {
  test.each([
    ['colleagues', 'staff', []],
    ['patients', 'patient', []],
    ['VIEW_STAFF', 'staff', ['VIEW_STAFF', 'VIEW_PATIENTS', 'VIEW_GROUP', 'RESET_FAILED_LOGIN_ATTEMPTS']],
  ])('shows %s neither failed sign-ins nor links', async (_who, kind, permissions) => {
    const enlistment = { [kind]: [{ groupId, permissions: ['VIEW_USER'] }] };
    const seen = await sights({ userId: newId(), permissions, ...enlistment });
    expect(seen.length).toBeGreaterThanOrEqual(4);
    for (const each of seen) {
      expect(each).toEqual({
        id: member,
        timeZone: 'UTC',
        activation: true,
        profileImage: null,
        failedCount: null,
        lastFailedAt: null,
        oidcLinks: null,
      });
    }
  });

  test.each([
    ['themselves', (): object => ({ userId: member, staff: [{ groupId, permissions: [] }] })],
    ['VIEW_USER', (): object => ({ userId: newId(), permissions: ['VIEW_USER'] })],
  ])('shows %s both', async (_who, identity) => {
    const seen = await sights(identity());
    expect(seen).toHaveLength(5);
    for (const each of seen) {
      expect(each).toMatchObject({
        failedCount: 3,
        lastFailedAt,
        oidcLinks: [{ providerId, subjectId: 'subject', provider: { id: providerId } }],
      });
    }
  });

  test('has no links rather than null when there are none, and all are read at once', async () => {
    const userId = await people.user();
    const results: unknown[] = [];
    const statements = await recordStatements(async () => {
      const query = '{ users { nodes { id oidcLinks { subjectId } } } }';
      results.push(await graph.execute('users', { query, identity: { userId, permissions: ['VIEW_USER'] } }));
    });
    expect(results).toEqual([
      {
        data: {
          users: {
            nodes: [
              { id: userId, oidcLinks: [] },
              { id: member, oidcLinks: [{ subjectId: 'subject' }] },
            ],
          },
        },
      },
    ]);
    expect(countByTable(statements)).toEqual({ 'users.users': 1, 'users.oidc_links': 1 });
  });
});
