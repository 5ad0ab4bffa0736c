// Who shares an answer with whom.
import { describe, expect, test } from '@jest/globals';
import { type IdentityData, identityFrom } from '../../platform/identity/identity.ts';
import { viewerKeys } from './viewer-keys.ts';

const now = 1_800_000_000_000;
const keys = (data: IdentityData, sessionId?: string) =>
  viewerKeys({ identity: identityFrom(data), ...(sessionId === undefined ? {} : { sessionId }) }, now);
const jane: IdentityData = {
  userId: 'jane',
  permissions: ['A', 'B'],
  staff: [{ groupId: 'g', permissions: ['C', 'D'] }],
  patient: [{ groupId: 'p', expiresAt: now + 100_000 }],
};

test('the same rights in another order are the same class, whoever it is', () => {
  const karim = {
    ...jane,
    userId: 'karim',
    permissions: ['B', 'A'],
    staff: [{ groupId: 'g', permissions: ['D', 'C'] }],
  };
  expect(keys(karim).class).toBe(keys(jane).class);
  expect(keys(karim).self).not.toBe(keys(jane).self);
});

describe('another class has who', () => {
  test.each<[string, IdentityData]>([
    ['lacks a permission', { ...jane, permissions: ['A'] }],
    ['has another one', { ...jane, permissions: ['A', 'E'] }],
    ['is not staff', { ...jane, staff: [] }],
    ['is staff elsewhere', { ...jane, staff: [{ groupId: 'h', permissions: ['C', 'D'] }] }],
    ['may do other things there', { ...jane, staff: [{ groupId: 'g', permissions: ['C'] }] }],
    ['is no patient', { ...jane, patient: [] }],
    ['is one for longer', { ...jane, patient: [{ groupId: 'p', expiresAt: now + 200_000 }] }],
    ['comes by an application', { ...jane, applicationId: 'app' }],
    ['is not signed in', { ...jane, userId: undefined as never }],
  ])('%s', (_what, data) => {
    expect(keys(data).class).not.toBe(keys(jane).class);
  });
});

test('an enlistment that has ended by itself makes another class, and none about that moment', () => {
  const identity = identityFrom(jane);
  const before = viewerKeys({ identity }, now);
  const after = viewerKeys({ identity }, now + 200_000);
  expect(after.class).not.toBe(before.class);
  expect(after.self).not.toBe(before.self);
  expect([before.isChanging, after.isChanging]).toEqual([false, false]);
  expect(viewerKeys({ identity }, now + 99_000).isChanging).toBe(true);
  expect(viewerKeys({ identity }, now + 101_000).isChanging).toBe(true);
});

test('what is of one user is of one session', () => {
  expect(keys(jane, 's1').self).not.toBe(keys(jane, 's2').self);
  expect(keys(jane, 's1').class).toBe(keys(jane, 's2').class);
});
