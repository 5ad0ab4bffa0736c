import { describe, expect, test } from '@jest/globals';
import { any, includesOwn, isIn, isOwn, overlaps, some } from '../access/condition.ts';
import { comparesOwnId, forAllMembers, relationsReadBy } from '../access/condition-for-all.ts';
import { matches } from '../access/condition-matches.ts';
import { toSql } from '../access/condition-sql.ts';
import { toWhere } from '../access/condition-where.ts';
import { signedIn } from '../access/rules.ts';
import { newId } from '../ids.ts';
import { accessClassOf } from './access-class.ts';
import type { IdentityData } from './identity.ts';
import { anonymous, identityData, identityFrom, isSignedIn } from './identity.ts';
import { createCallerSigner, createCallerVerifier } from './signed-caller.ts';

const [group, other] = [newId(), newId()];
const nurse = (data: IdentityData = {}) =>
  identityFrom({ userId: newId(), staff: [{ groupId: group, permissions: ['A', 'B'] }], ...data });
const member = () => accessClassOf(nurse()).member();
const untouched = { personal: false, comparedWith: [] };

describe('an access class', () => {
  test('is that of all who differ in their own id only, whatever the order of what they hold', () => {
    const key = accessClassOf(nurse()).key;
    expect(accessClassOf(nurse()).key).toBe(key);
    expect(accessClassOf(nurse({ staff: [{ groupId: group, permissions: ['B', 'A'] }] })).key).toBe(key);
  });

  test.each<[string, IdentityData]>([
    ['another permission', { permissions: ['VIEW_USER'] }],
    ['another permission in the group', { staff: [{ groupId: group, permissions: ['A'] }] }],
    ['another group', { staff: [{ groupId: other, permissions: ['A', 'B'] }] }],
    ['an application', { applicationId: newId() }],
    ['being a patient, too', { patient: [{ groupId: other }] }],
  ])('is another one with %s', (_what, data) => {
    expect(accessClassOf(nurse(data)).key).not.toBe(accessClassOf(nurse()).key);
  });

  test('of patients tells when they cease to be that', () => {
    const patient = (expiresAt: number | null) =>
      identityFrom({ userId: newId(), patient: [{ groupId: group, expiresAt }] });
    expect(accessClassOf(patient(1)).key).not.toBe(accessClassOf(patient(2)).key);
    expect(accessClassOf(patient(1)).key).not.toBe(accessClassOf(patient(null)).key);
  });

  test('of nobody is not that of somebody without rights', () => {
    expect(accessClassOf(anonymous).key).not.toBe(accessClassOf(identityFrom({ userId: newId() })).key);
    expect(isSignedIn(accessClassOf(anonymous).member().caller.identity)).toBe(false);
  });
});

describe('any member of a class makes an answer personal', () => {
  test.each<[string, (any: ReturnType<typeof member>['caller']) => unknown]>([
    ['by reading the own id', ({ identity }) => identity.userId],
    ['by a copy of the identity', ({ identity }) => ({ ...identity })],
    ['by asking for the session', (caller) => caller.sessionId],
    ['by a Prisma where', ({ identity }) => toWhere(any(isOwn('id', identity), isIn('groupId', [group])))],
    ['by SQL', ({ identity }) => toSql(includesOwn('userIds', identity), { userIds: 'user_ids' })],
  ])('%s', (_how, read) => {
    const { caller, tracking } = member();
    expect(tracking().personal).toBe(false);
    read(caller);
    expect(tracking().personal).toBe(true);
  });

  test("and never twice with the same id, which is nobody's", () => {
    expect(member().caller.identity.userId).not.toBe(member().caller.identity.userId);
  });
});

describe('any member of a class leaves an answer to all', () => {
  test('by being signed in, and by what the class may do', () => {
    const { caller, tracking } = member();
    signedIn.check(caller);
    expect([...caller.identity.staff.keys()]).toEqual([group]);
    expect(tracking()).toEqual(untouched);
  });

  test('where the groups decide already, whether the own id stands in front or behind', () => {
    const { caller, tracking } = member();
    const row = { creatorId: newId(), groupIds: [group] };
    expect(matches(any(isOwn('creatorId', caller.identity), overlaps('groupIds', [group])), row)).toBe(true);
    expect(matches(any(overlaps('groupIds', [group]), isOwn('creatorId', caller.identity)), row)).toBe(true);
    expect(tracking()).toEqual(untouched);
  });

  test('but for those whose ids it was compared with in vain', () => {
    const { caller, tracking } = member();
    const [creatorId, linked] = [newId(), newId()];
    const rule = any(isOwn('creatorId', caller.identity), includesOwn('userIds', caller.identity));
    expect(matches(rule, { creatorId, userIds: [linked] })).toBe(false);
    expect(tracking()).toEqual({ personal: false, comparedWith: [creatorId, linked] });
  });

  test('and says so of related rows, too', () => {
    const { caller, tracking } = member();
    const userId = newId();
    const rule = some('staff', any(isOwn('userId', caller.identity), isIn('groupId', [other])));
    expect(comparesOwnId(rule)).toBe(true);
    expect(comparesOwnId(forAllMembers(rule))).toBe(false);
    expect(relationsReadBy(rule)).toEqual({ staff: { select: { createdAt: true, userId: true, groupId: true } } });
    expect(matches(rule, { staff: [{ userId, groupId: group }] })).toBe(false);
    expect(tracking().comparedWith).toEqual([userId]);
  });
});

describe('between processes', () => {
  const secret = 'a secret that only tests know, 32+ characters';
  const now = () => 1_700_000_000_000;
  const signer = createCallerSigner(secret, now);
  const verifier = createCallerVerifier(secret, 'data', now);

  test("a class travels without anybody's id, is signed once, and is tracked for each request by itself", async () => {
    const nurses = accessClassOf(nurse());
    const [one, two] = [nurses.member(), nurses.member()];
    const token = await signer.sign(one.caller, 'data');
    expect(await signer.sign(two.caller, 'data')).toBe(token);
    expect([one.tracking(), two.tracking()]).toEqual([untouched, untouched]);
    const [first, second] = [await verifier.verify(token), await verifier.verify(token)];
    expect(identityData(first.identity)).toEqual(identityData(one.caller.identity));
    expect(first.identity.tracked).not.toBe(second.identity.tracked);
    first.identity.tracked?.comparedWith([newId()]);
    expect(second.identity.tracked?.tracking).toEqual(untouched);
  });

  test('a class grants nothing that its permissions do not', async () => {
    const { identity } = await verifier.verify(await signer.sign(member().caller, 'data'));
    expect(identity.permissions.size).toBe(0);
    expect([...identity.staff.keys()]).toEqual([group]);
    expect(identity.userId).toMatch(/^[0-9a-f-]{36}$/);
  });
});
