// The actions that change a document: what each makes of its data and of its links. They only compute.
import { isDeepStrictEqual } from 'node:util';
import { isId } from '../../../platform/ids.ts';
import { readAt, removeAt, splitPath, writeAt } from '../json/data-path.ts';
import type { Json, JsonObject } from '../json/plain-json.ts';
import { isJsonObject } from '../json/plain-json.ts';
import { dataFault } from '../schemas/schema-checks.ts';
import type { Action } from '../schemas/transition-shape.ts';
import type { Draft } from './draft.ts';
import { type Facts, isActive } from './facts.ts';

/** What else an action looks at. */
export interface ActionSetting {
  readonly facts: Facts;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Names the data in refusals. */
  readonly field: string;
}

/** Actions that change the document; the others are the engine's business. */
export type ChangingAction = Exclude<Action, { type: 'task' | 'delay' | 'measurementReviewedNotification' }>;

/** BAD_USER_INPUT when a link action finds no id in its place, or one that nobody has. */
export function runAction(action: ChangingAction, draft: Draft, setting: ActionSetting): Draft {
  switch (action.type) {
    case 'set':
      return { ...draft, data: writeAt(draft.data, splitPath(action.field), action.value) };
    case 'unset':
      return { ...draft, data: action.fields.reduce((data, path) => removeAt(data, splitPath(path)), draft.data) };
    case 'addItems': {
      const { field, values } = action;
      return { ...draft, data: changeItems(draft.data, field, (items) => [...items, ...values]) };
    }
    case 'removeItems':
      return { ...draft, data: removeItems(draft.data, action.field, action.values) };
    case 'linkCreator':
      return withUser(draft, draft.creatorId);
    case 'linkUserFromData':
      return withUser(draft, requireUserAt(draft.data, action.userIdField, setting));
    case 'linkGroupFromData':
      return withGroups(draft, [requireGroupAt(draft.data, action.groupIdField, setting)]);
    case 'linkEnlistedGroups':
      return withGroups(draft, enlistedGroups(draft.creatorId, setting, action.onlyActive ?? false));
  }
}

function changeItems(data: JsonObject, field: string, change: (items: readonly Json[]) => readonly Json[]): JsonObject {
  const path = splitPath(field);
  const items = readAt(data, path);
  return writeAt(data, path, change(Array.isArray(items) ? (items as readonly Json[]) : []));
}

function removeItems(data: JsonObject, field: string, values: readonly Json[]): JsonObject {
  if (!Array.isArray(readAt(data, splitPath(field)))) return data;
  return changeItems(data, field, (items) => items.filter((item) => !values.some((value) => isSame(item, value))));
}

/** Objects in lists have ids from the server, which the author of an action cannot know. */
function isSame(item: Json, value: Json): boolean {
  const comparable =
    isJsonObject(item) && isJsonObject(value) && !Object.hasOwn(value, 'id') ? removeAt(item, ['id']) : item;
  return isDeepStrictEqual(comparable, value);
}

function enlistedGroups(userId: string, { facts, now }: ActionSetting, onlyActive: boolean): string[] {
  return facts
    .patientEnlistments(userId)
    .filter((enlistment) => !onlyActive || isActive(enlistment, now))
    .map(({ groupId }) => groupId);
}

function requireUserAt(data: JsonObject, path: string, { facts, field }: ActionSetting): string {
  const id = requireIdAt(data, path, field);
  if (!facts.userExists(id)) throw dataFault(`${field}.${path}`, 'must be the id of a user.');
  return id;
}

function requireGroupAt(data: JsonObject, path: string, { facts, field }: ActionSetting): string {
  const id = requireIdAt(data, path, field);
  if (!facts.groupExists(id)) throw dataFault(`${field}.${path}`, 'must be the id of a group.');
  return id;
}

function requireIdAt(data: JsonObject, path: string, field: string): string {
  const value = readAt(data, splitPath(path));
  if (!isId(value)) throw dataFault(`${field}.${path}`, 'must be an id (a UUID).');
  return value.toLowerCase();
}

function withUser(draft: Draft, userId: string): Draft {
  return draft.userIds.includes(userId) ? draft : { ...draft, userIds: [...draft.userIds, userId] };
}

/** Whoever links a group means it: it stays, even when those who brought it before leave. */
export function withGroups(draft: Draft, groupIds: readonly string[]): Draft {
  return {
    ...draft,
    groupIds: [...new Set([...draft.groupIds, ...groupIds])],
    syncedGroupIds: draft.syncedGroupIds.filter((id) => !groupIds.includes(id)),
  };
}
