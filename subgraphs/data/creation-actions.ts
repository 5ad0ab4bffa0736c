// The actions of a creation transition, in their order: what they make of the data and of the links. They only compute;
// that the users and groups exist is checked, and everything is written, by create-document.ts.
import { isDeepStrictEqual } from 'node:util';
import { activePatientGroups } from '../../platform/identity/identity.ts';
import { isId } from '../../platform/ids.ts';
import type { UserIdentity } from '../../platform/subgraph/context.ts';
import type { Action } from './creation-transition-shape.ts';
import { readAt, removeAt, splitPath, writeAt } from './data-path.ts';
import type { Json, JsonObject } from './plain-json.ts';
import { isJsonObject } from './plain-json.ts';
import { dataFault } from './schema-checks.ts';

/** A document in the making. */
export interface Draft {
  readonly data: JsonObject;
  readonly userIds: readonly string[];
  readonly groupIds: readonly string[];
}

export interface Initiator {
  readonly identity: UserIdentity;
  readonly now: number;
}

/** An id that an action took from the data, and where it stood. */
export interface IdInData {
  readonly id: string;
  readonly field: string;
}

export interface ActionResult {
  readonly draft: Draft;
  /** Linked from the data: these still have to be known to exist. */
  readonly users: readonly IdInData[];
  readonly groups: readonly IdInData[];
}

export interface Setting {
  readonly initiator: Initiator;
  /** Names the data in refusals. */
  readonly field: string;
}

/** BAD_USER_INPUT when a link action finds no id. */
export function runActions(actions: readonly Action[], data: JsonObject, setting: Setting): ActionResult {
  const start: ActionResult = { draft: { data, userIds: [], groupIds: [] }, users: [], groups: [] };
  return actions.reduce((result, action) => run(action, result, setting), start);
}

function run(action: Action, result: ActionResult, { initiator, field }: Setting): ActionResult {
  const { draft } = result;
  switch (action.type) {
    case 'set':
      return withData(result, writeAt(draft.data, splitPath(action.field), action.value));
    case 'unset':
      return withData(
        result,
        action.fields.reduce((data, path) => removeAt(data, splitPath(path)), draft.data),
      );
    case 'addItems':
      return withData(
        result,
        changeItems(draft.data, action.field, (items) => [...items, ...action.values]),
      );
    case 'removeItems':
      return withData(result, removeItems(draft.data, action.field, action.values));
    case 'linkCreator':
      return { ...result, draft: { ...draft, userIds: joined(draft.userIds, [initiator.identity.userId]) } };
    case 'linkEnlistedGroups':
      return { ...result, draft: { ...draft, groupIds: joined(draft.groupIds, enlistedGroups(initiator, action)) } };
    case 'linkUserFromData': {
      const user = requireIdAt(draft.data, action.userIdField, field);
      return {
        ...result,
        users: [...result.users, user],
        draft: { ...draft, userIds: joined(draft.userIds, [user.id]) },
      };
    }
    case 'linkGroupFromData': {
      const group = requireIdAt(draft.data, action.groupIdField, field);
      return {
        ...result,
        groups: [...result.groups, group],
        draft: { ...draft, groupIds: joined(draft.groupIds, [group.id]) },
      };
    }
  }
}

function withData(result: ActionResult, data: JsonObject): ActionResult {
  return { ...result, draft: { ...result.draft, data } };
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

function enlistedGroups(
  { identity, now }: Initiator,
  { onlyActive = false }: { onlyActive?: boolean | undefined },
): string[] {
  return onlyActive ? activePatientGroups(identity, now) : [...identity.patient.keys()];
}

function requireIdAt(data: JsonObject, path: string, field: string): IdInData {
  const value = readAt(data, splitPath(path));
  const place = `${field}.${path}`;
  if (!isId(value)) throw dataFault(place, 'must be an id (a UUID).');
  return { id: value.toLowerCase(), field: place };
}

function joined(ids: readonly string[], more: readonly string[]): string[] {
  return [...new Set([...ids, ...more])];
}
