// The source of the subscription `userChanged`: what of each event this viewer gets, as of now.
import { all, isIn } from '../../../platform/access/condition.ts';
import { matches } from '../../../platform/access/condition-matches.ts';
import { toWhere, type Where } from '../../../platform/access/condition-where.ts';
import { findOwnRightsChange, showsAnything } from '../../../platform/access/rights-change.ts';
import type { LogEvent } from '../../../platform/events/event.ts';
import type { LiveChange } from '../../../platform/filters/live-filter.ts';
import { passing } from '../../../platform/filters/live-filter.ts';
import { requireId } from '../../../platform/ids.ts';
import type { Context } from '../../../platform/subgraph/context.ts';
import type { SubscriptionSource } from '../../../platform/subgraph/define-subgraph.ts';
import { findPatientEnlistments, findStaffEnlistments } from '../enlistments/store.ts';
import type { UserFilter } from '../list-users.ts';
import { userWhere } from '../list-users.ts';
import type { UsersLoaders } from '../loaders.ts';
import type { UserChangeModel, UserModel } from '../models.ts';
import { type UsersDatabase, userRows } from '../store.ts';
import type { Viewer } from '../visible.ts';
import { visiblePatientEnlistment, visibleStaffEnlistment, visibleUser } from '../visible.ts';
import type { EnlistmentEvent } from './enlistment-events.ts';
import type { UserEvent } from './user-events.ts';
import { findUserEvent } from './user-events.ts';

interface WantedUsers {
  readonly userId: string | undefined;
  readonly filter: UserFilter | null | undefined;
  readonly where: Where;
}

/** What the viewer hears of, unless the filter has nothing to do with it. */
interface ToldChange extends LiveChange {
  readonly kind: UserChangeModel['kind'];
  readonly user: UserModel | null;
}

export function userChanges(database: UsersDatabase): SubscriptionSource<UsersLoaders> {
  return {
    check: (args) => {
      readWanted(args);
    },
    select: (events, args, viewer) => selectChanges(database, events, { wanted: readWanted(args), viewer }),
  };
}

function readWanted(args: Readonly<Record<string, unknown>>): WantedUsers {
  const { userId, filter } = args as { readonly userId?: string | null; readonly filter?: UserFilter | null };
  return {
    userId: typeof userId === 'string' ? requireId(userId, 'userId') : undefined,
    filter,
    where: userWhere(filter),
  };
}

interface Request {
  readonly wanted: WantedUsers;
  readonly viewer: Context<UsersLoaders>;
}

/** Two queries for a batch, one more with a filter, and two for users who were enlisted. */
async function selectChanges(
  { db }: UsersDatabase,
  events: readonly LogEvent[],
  { wanted, viewer }: Request,
): Promise<(UserChangeModel | undefined)[]> {
  const read = events.map((event) => {
    const found = findUserEvent(event, viewer);
    return found !== undefined && (wanted.userId ?? found.userId) === found.userId ? found : undefined;
  });
  const users = await loadUsers(read, viewer.loaders);
  const kindOf = await kindsOfEnlistments(db, viewer, read);
  const changes = read.map((event): ToldChange | undefined => {
    if (event === undefined) return undefined;
    const { userId: id, fields } = event;
    const user = event.kind === 'DELETED' ? null : (users.get(id) ?? null);
    const kind = kindFor(event, user, kindOf);
    return kind && { id, kind, fields, user, wasThere: kind === 'UPDATED', isShown: user !== null };
  });
  const told = changes.filter((change) => change !== undefined);
  const findPassing = (ids: readonly string[]) =>
    userRows.find(db, { where: { AND: [{ id: { in: ids } }, wanted.where] } });
  const passes = await passing(wanted.filter, told, findPassing);
  return events.map((event, index) => {
    const change = changes[index];
    if (change === undefined) return ownChange(event, viewer);
    const matchesFilter = passes[told.indexOf(change)];
    if (matchesFilter === undefined) return undefined;
    const { kind, id: userId, user } = change;
    return { kind, position: event.position, userId, user, matchesFilter, groupId: null };
  });
}

/** The viewer sees other users than before. */
function ownChange(event: LogEvent, { identity, now }: Viewer): UserChangeModel | undefined {
  const change = findOwnRightsChange(event, identity);
  if (change === undefined || !showsAnything(change, (holder) => visibleUser({ identity: holder, now })))
    return undefined;
  const { kind, groupId } = change;
  return { kind, position: event.position, userId: null, user: null, matchesFilter: false, groupId };
}

async function loadUsers(
  events: readonly (UserEvent | undefined)[],
  { users }: UsersLoaders,
): Promise<ReadonlyMap<string, UserModel | null>> {
  const ids = [
    ...new Set(events.flatMap((event) => (event === undefined || event.kind === 'DELETED' ? [] : event.userId))),
  ];
  const found = await Promise.all(ids.map((id) => users.load(id)));
  return new Map(ids.map((id, index) => [id, found[index] ?? null]));
}

/** Undefined where the user is out of sight, and not by this event. */
function kindFor(
  { kind, enlistment }: UserEvent,
  user: UserModel | null,
  kindOfBegun: (enlistment: EnlistmentEvent) => 'UPDATED' | 'ACCESS_GAINED',
): ToldChange['kind'] | undefined {
  if (kind === 'DELETED') return kind;
  if (user === null) return enlistment?.what === 'ended' ? 'ACCESS_LOST' : undefined;
  return enlistment?.what === 'began' ? kindOfBegun(enlistment) : kind;
}

/** An enlistment brings a user into sight where no other that the viewer sees does so. */
async function kindsOfEnlistments(
  db: UsersDatabase['db'],
  viewer: Viewer,
  events: readonly (UserEvent | undefined)[],
): Promise<(enlistment: EnlistmentEvent) => 'UPDATED' | 'ACCESS_GAINED'> {
  const rule = visibleUser(viewer);
  const seenBy = (userId: string, staffEnlistments: object[], patientEnlistments: object[]) =>
    matches(rule, { id: userId, staffEnlistments, patientEnlistments });
  const begun = events.flatMap((event) => (event?.enlistment?.what === 'began' ? [event.userId] : []));
  const ids = [...new Set(begun)].filter((id) => !seenBy(id, [], []));
  const among = isIn('userId', ids);
  const [staff, patients] =
    ids.length === 0
      ? [[], []]
      : await Promise.all([
          findStaffEnlistments(db, toWhere(all(among, visibleStaffEnlistment(viewer)))),
          findPatientEnlistments(db, toWhere(all(among, visiblePatientEnlistment(viewer)))),
        ]);
  return ({ userId, groupId, relation }) => {
    const others = <E extends { userId: string; groupId: string }>(
      of: readonly E[],
      kind: EnlistmentEvent['relation'],
    ) => of.filter((each) => each.userId === userId && (each.groupId !== groupId || kind !== relation));
    return seenBy(userId, others(staff, 'staff'), others(patients, 'patient')) ? 'UPDATED' : 'ACCESS_GAINED';
  };
}
