// Where a permission holds: for whom, in which groups, and what does not count.
import { describe, expect, test } from '@jest/globals';
import { anonymous, identityFrom } from '../identity/identity.ts';
import { holdsEverywhere, holdsIn, scope } from './scope.ts';

const groupsOf = (where: ReturnType<typeof scope>) => (where.everywhere ? 'everywhere' : [...where.groups]);

describe('a permission', () => {
  test('holds nowhere for nobody, for other permissions, and for patients', () => {
    expect(groupsOf(scope(anonymous, 'VIEW_DOCUMENTS'))).toEqual([]);
    const patient = identityFrom({ userId: 'u', permissions: ['VIEW_USER'], patient: [{ groupId: 'a' }] });
    expect(groupsOf(scope(patient, 'VIEW_DOCUMENTS'))).toEqual([]);
    expect(holdsIn(patient, 'a', 'VIEW_DOCUMENTS')).toBe(false);
  });

  test('that only global roles can hold does not count when a role of a group holds it', () => {
    const staff = identityFrom({
      userId: 'u',
      staff: [{ groupId: 'a', permissions: ['VIEW_USER', 'CREATE_DOCUMENTS:bp'] }],
    });
    expect(groupsOf(scope(staff, 'VIEW_USER'))).toEqual([]);
    expect(groupsOf(scope(staff, 'CREATE_DOCUMENTS:bp'))).toEqual([]);
    expect(holdsEverywhere(staff, 'VIEW_USER')).toBe(false);
  });

  test('with a suffix is another permission than the one without, unless both are asked for', () => {
    const one = identityFrom({ userId: 'u', staff: [{ groupId: 'a', permissions: ['VIEW_DOCUMENTS:bp'] }] });
    const all = identityFrom({ userId: 'u', permissions: ['VIEW_DOCUMENTS'] });
    expect(groupsOf(scope(one, 'VIEW_DOCUMENTS'))).toEqual([]);
    expect(groupsOf(scope(one, 'VIEW_DOCUMENTS:ecg'))).toEqual([]);
    expect(groupsOf(scope(all, 'VIEW_DOCUMENTS:bp'))).toEqual([]);
    expect(groupsOf(scope(one, 'VIEW_DOCUMENTS', 'VIEW_DOCUMENTS:bp'))).toEqual(['a']);
    expect(groupsOf(scope(all, 'VIEW_DOCUMENTS', 'VIEW_DOCUMENTS:bp'))).toBe('everywhere');
  });

  test('of a role of a group holds in that group only', () => {
    const staff = identityFrom({
      userId: 'u',
      staff: [
        { groupId: 'a', permissions: ['ADD_STAFF', 'VIEW_DOCUMENTS'] },
        { groupId: 'b', permissions: ['VIEW_DOCUMENTS'] },
        { groupId: 'c', permissions: [] },
      ],
    });
    expect(groupsOf(scope(staff, 'ADD_STAFF'))).toEqual(['a']);
    expect(groupsOf(scope(staff, 'VIEW_DOCUMENTS'))).toEqual(['a', 'b']);
    expect([holdsIn(staff, 'a', 'ADD_STAFF'), holdsIn(staff, 'b', 'ADD_STAFF')]).toEqual([true, false]);
    expect(holdsEverywhere(staff, 'ADD_STAFF')).toBe(false);
  });

  test('of a global role holds everywhere, in every group', () => {
    const administrator = identityFrom({ userId: 'u', permissions: ['ADD_STAFF'] });
    expect(groupsOf(scope(administrator, 'ADD_STAFF'))).toBe('everywhere');
    expect(holdsEverywhere(administrator, 'REMOVE_STAFF', 'ADD_STAFF')).toBe(true);
    expect(holdsIn(administrator, 'any group', 'ADD_STAFF')).toBe(true);
  });
});
