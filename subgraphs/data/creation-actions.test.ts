// Actions of creation transitions: what they make of the data and of the links, in their order.
import { describe, expect, test } from '@jest/globals';
import { identityFrom } from '../../platform/identity/identity.ts';
import { newId } from '../../platform/ids.ts';
import { requireUser } from '../../platform/subgraph/context.ts';
import { runActions } from './creation-actions.ts';
import type { Action } from './creation-transition-shape.ts';
import type { JsonObject } from './plain-json.ts';

const now = Date.UTC(2026, 0, 1);
const userId = newId();
const [endless, expired, ending] = [newId(), newId(), newId()];
const identity = requireUser(
  identityFrom({
    userId,
    patient: [{ groupId: endless }, { groupId: expired, expiresAt: now }, { groupId: ending, expiresAt: now + 1 }],
  }),
);
const run = (data: JsonObject, ...actions: Action[]) =>
  runActions(actions, data, { initiator: { identity, now }, field: 'input.data' });

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
  expect(result.draft).toEqual({ data: {}, userIds: [], groupIds: [group] });
  expect(result.groups).toEqual([{ id: group, field: 'input.data.groupId' }]);
});

test('links are made once each, with ids in lower case', () => {
  const other = newId();
  const result = run(
    { who: other.toUpperCase() },
    { type: 'linkCreator' },
    { type: 'linkUserFromData', userIdField: 'who' },
    { type: 'linkCreator' },
  );
  expect(result.draft.userIds).toEqual([userId, other]);
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
