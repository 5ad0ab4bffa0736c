// Groups that follow enlistments: which come, which go, and which stay whatever happens.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { GroupSyncMode, SyncedLinks } from './synced-groups.ts';
import { withSyncedGroups } from './synced-groups.ts';

const ids = (...names: string[]) => fc.uniqueArray(fc.constantFrom(...names));
const documents = fc
  .record({ userIds: ids('ann', 'ben', 'cat'), groupIds: ids('a', 'b', 'c', 'd'), kept: ids('a', 'b', 'c', 'd') })
  .map(({ userIds, groupIds, kept }): SyncedLinks => {
    return { creatorId: 'ann', userIds, groupIds, syncedGroupIds: groupIds.filter((id) => !kept.includes(id)) };
  });
const patients = fc.record({
  ann: ids('a', 'b', 'c', 'd', 'e'),
  ben: ids('a', 'b', 'c', 'd', 'e'),
});
const modes = fc.constantFrom<GroupSyncMode>('creatorPatientEnlistments', 'linkedUsersPatientEnlistments');
type Patients = { readonly ann: readonly string[]; readonly ben: readonly string[] };
const groupsIn = (known: Patients) => (userId: string) => known[userId as keyof Patients] ?? [];
const manual = ({ groupIds, syncedGroupIds }: SyncedLinks) => groupIds.filter((id) => !syncedGroupIds.includes(id));

describe('for any document and any enlistments', () => {
  test('the groups are those linked for their own sake, and those of its people; the two never mix', () => {
    fc.assert(
      fc.property(documents, patients, modes, (document, known, mode) => {
        const after = withSyncedGroups(document, groupsIn(known), mode);
        const people = mode === 'creatorPatientEnlistments' ? ['ann'] : document.userIds;
        const desired = new Set(people.flatMap(groupsIn(known)));
        expect(new Set(after.groupIds)).toEqual(new Set([...manual(document), ...desired]));
        expect(new Set(after.syncedGroupIds)).toEqual(
          new Set([...desired].filter((id) => !manual(document).includes(id))),
        );
        expect(manual(after)).toEqual(manual(document));
        expect(new Set(after.groupIds).size).toBe(after.groupIds.length);
      }),
    );
  });

  test('a second time changes nothing, and what enlistments brought goes with them', () => {
    fc.assert(
      fc.property(documents, patients, modes, (document, known, mode) => {
        const once = withSyncedGroups(document, groupsIn(known), mode);
        expect(withSyncedGroups(once, groupsIn(known), mode).groupIds).toEqual(once.groupIds);
        expect(withSyncedGroups(once, () => [], mode)).toMatchObject({
          groupIds: manual(document),
          syncedGroupIds: [],
        });
      }),
    );
  });
});

test('without synchronisation, groups that came from enlistments stay as if they were linked by hand', () => {
  const document = { creatorId: 'ann', userIds: [], groupIds: ['a', 'b'], syncedGroupIds: ['b'] };
  expect(withSyncedGroups(document, () => ['c'], 'disabled')).toEqual({ ...document, syncedGroupIds: [] });
});
