// The actions that change a document: what they make of the data and of the links, in their order.
import { describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import type { JsonObject } from '../json/plain-json.ts';
import type { Draft } from './draft.ts';
import type { KnownFacts } from './facts.ts';
import { FactsNeeded, noFacts, onKnownFacts } from './facts.ts';
import type { ChangingAction } from './run-action.ts';
import { runAction } from './run-action.ts';

const now = Date.UTC(2026, 0, 1);
const creatorId = newId();
const [endless, expired, ending] = [newId(), newId(), newId()];
const enlistments = [
  { groupId: endless, expiresAt: undefined },
  { groupId: expired, expiresAt: now },
  { groupId: ending, expiresAt: now + 1 },
];

const draftWith = (data: JsonObject, links: Partial<Draft> = {}): Draft => ({
  creatorId,
  userIds: [],
  groupIds: [],
  syncedGroupIds: [],
  status: 'new',
  statusChangedAt: now,
  data,
  ...links,
});

function runOn(draft: Draft, known: KnownFacts, actions: readonly ChangingAction[]): Draft {
  known.patients.set(creatorId, enlistments);
  return onKnownFacts(known, (facts) =>
    actions.reduce((result, action) => runAction(action, result, { facts, now, field: 'input.data' }), draft),
  );
}

/** Everybody who is named exists, and nobody else. */
function run(data: JsonObject, ...actions: ChangingAction[]): { draft: Draft } {
  const known = noFacts();
  for (const id of JSON.stringify([data, actions]).match(/[0-9a-f-]{36}/gi) ?? []) {
    known.users.set(id.toLowerCase(), true);
    known.groups.set(id.toLowerCase(), true);
  }
  return { draft: runOn(draftWith(data), known, actions) };
}

describe('a link action without an id in its place is refused', () => {
  test.each([[{}], [{ who: 'Pat' }], [{ who: 7 }], [{ who: { id: newId() } }]])('%j', (data: JsonObject) => {
    expect(() => run(data, { type: 'linkUserFromData', userIdField: 'who' })).toThrow('input.data.who: must be an id');
    expect(() => run(data, { type: 'linkGroupFromData', groupIdField: 'who' })).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field: 'input.data.who', code: 26 } }),
    );
  });
});

test('set assigns, and makes the objects on the way', () => {
  expect(run({ a: 1 }, { type: 'set', field: 'b.c', value: [2] }).draft.data).toEqual({ a: 1, b: { c: [2] } });
  expect(run({ a: 1 }, { type: 'set', field: 'a', value: 2 }).draft.data).toEqual({ a: 2 });
});

test('unset deletes, and minds nothing that is not there', () => {
  expect(run({ a: 1, b: { c: 2, d: 3 } }, { type: 'unset', fields: ['a', 'b.c', 'x', 'x.y'] }).draft.data).toEqual({
    b: { d: 3 },
  });
});

test('addItems adds without looking for the same, and makes the list', () => {
  expect(run({ a: ['x'] }, { type: 'addItems', field: 'a', values: ['x', 'y'] }).draft.data).toEqual({
    a: ['x', 'x', 'y'],
  });
  expect(run({}, { type: 'addItems', field: 'a.b', values: [1] }).draft.data).toEqual({ a: { b: [1] } });
});

test('removeItems removes what is equal, objects whatever their id', () => {
  const data = {
    a: ['x', 'y', 'x'],
    b: [
      { id: newId(), k: 1 },
      { id: newId(), k: 2 },
    ],
  };
  const result = run(
    data,
    { type: 'removeItems', field: 'a', values: ['x'] },
    { type: 'removeItems', field: 'b', values: [{ k: 1 }] },
    { type: 'removeItems', field: 'c', values: [1] },
  );
  expect(result.draft.data).toEqual({ a: ['y'], b: [data.b[1]] });
});

test('actions run in order: one sees what the one before did', () => {
  const group = newId();
  const result = run(
    { groupId: newId() },
    { type: 'set', field: 'groupId', value: group },
    { type: 'linkGroupFromData', groupIdField: 'groupId' },
    { type: 'unset', fields: ['groupId'] },
  );
  expect(result.draft).toEqual(draftWith({}, { groupIds: [group] }));
});

test('links are made once each, with ids in lower case', () => {
  const other = newId();
  const result = run(
    { who: other.toUpperCase() },
    { type: 'linkCreator' },
    { type: 'linkUserFromData', userIdField: 'who' },
    { type: 'linkCreator' },
  );
  expect(result.draft.userIds).toEqual([creatorId, other]);
});

test('linkEnlistedGroups links all groups of the patient, or those where that has not ended', () => {
  expect(run({}, { type: 'linkEnlistedGroups' }).draft.groupIds).toEqual([endless, expired, ending]);
  expect(run({}, { type: 'linkEnlistedGroups', onlyActive: true }).draft.groupIds).toEqual([endless, ending]);
});

test('the data submitted stays as it was', () => {
  const data = { a: ['x'], b: { c: 1 } };
  run(
    data,
    { type: 'addItems', field: 'a', values: ['y'] },
    { type: 'set', field: 'b.c', value: 2 },
    { type: 'unset', fields: ['b'] },
  );
  expect(data).toEqual({ a: ['x'], b: { c: 1 } });
});

describe('what is linked from the data must be known to exist', () => {
  const [userId, groupId] = [newId(), newId()];
  const draft = draftWith({ who: userId, clinic: groupId });
  const actions: ChangingAction[] = [
    { type: 'linkUserFromData', userIdField: 'who' },
    { type: 'linkGroupFromData', groupIdField: 'clinic' },
  ];

  test('what is not known is asked for all at once', () => {
    const attempt = () => runOn(draft, noFacts(), actions);
    expect(attempt).toThrow(FactsNeeded);
    expect(attempt).toThrow(
      expect.objectContaining({ needs: { users: new Set([userId]), groups: new Set([groupId]), patients: new Set() } }),
    );
  });

  test.each([
    ['user', 'who'],
    ['group', 'clinic'],
  ])('a %s who is not there is refused', (what, field) => {
    const known = noFacts();
    known.users.set(userId, what !== 'user');
    known.groups.set(groupId, what !== 'group');
    expect(() => runOn(draft, known, actions)).toThrow(`input.data.${field}: must be the id of a ${what}.`);
  });
});

test('a group that an action links is no longer one that goes with its people', () => {
  const synced = draftWith({ clinic: endless }, { groupIds: [endless], syncedGroupIds: [endless] });
  const known = noFacts();
  known.groups.set(endless, true);
  const linked = runOn(synced, known, [{ type: 'linkGroupFromData', groupIdField: 'clinic' }]);
  expect(linked).toMatchObject({ groupIds: [endless], syncedGroupIds: [] });
});
