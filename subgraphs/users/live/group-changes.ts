// The source of the subscription `groupChanged`: what of each event this viewer gets, as of now.
import { isOwn } from '../../../platform/access/condition.ts';
import { matches } from '../../../platform/access/condition-matches.ts';
import type { Where } from '../../../platform/access/condition-where.ts';
import { findOwnRightsChange, showsAnything } from '../../../platform/access/rights-change.ts';
import type { LogEvent } from '../../../platform/events/event.ts';
import type { LiveChange } from '../../../platform/filters/live-filter.ts';
import { passing } from '../../../platform/filters/live-filter.ts';
import type { Identity } from '../../../platform/identity/identity.ts';
import { requireId } from '../../../platform/ids.ts';
import type { Context } from '../../../platform/subgraph/context.ts';
import type { SubscriptionSource } from '../../../platform/subgraph/define-subgraph.ts';
import { findMemberCounts, groupRows } from '../group-store.ts';
import type { GroupFilter } from '../list-groups.ts';
import { groupWhere } from '../list-groups.ts';
import type { UsersLoaders } from '../loaders.ts';
import type { GroupChangeModel, GroupModel } from '../models.ts';
import type { UsersDatabase } from '../store.ts';
import type { Viewer } from '../visible.ts';
import { visibleGroup } from '../visible.ts';
import type { EnlistmentEvent } from './enlistment-events.ts';
import { findEnlistmentEvent, seesEnlistment } from './enlistment-events.ts';

interface WantedGroups {
  readonly groupId: string | undefined;
  readonly filter: GroupFilter | null | undefined;
  readonly where: Where;
}

/** What the viewer hears of, unless the filter has nothing to do with it. */
interface ToldChange extends LiveChange {
  readonly kind: GroupChangeModel['kind'];
  readonly group: GroupModel | null;
}

export function groupChanges(database: UsersDatabase): SubscriptionSource<UsersLoaders> {
  return {
    check: (args) => {
      readWanted(args);
    },
    select: (events, args, viewer) => selectChanges(database, events, { wanted: readWanted(args), viewer }),
  };
}

function readWanted(args: Readonly<Record<string, unknown>>): WantedGroups {
  const { groupId, filter } = args as { readonly groupId?: string | null; readonly filter?: GroupFilter | null };
  return {
    groupId: typeof groupId === 'string' ? requireId(groupId, 'groupId') : undefined,
    filter,
    where: groupWhere(filter),
  };
}

interface Request {
  readonly wanted: WantedGroups;
  readonly viewer: Context<UsersLoaders>;
}

/** A group that came into being, or somebody's enlistment there. */
interface GroupEvent {
  readonly groupId: string;
  readonly enlistment: EnlistmentEvent | undefined;
}

/** One query for a batch, one more with a filter, and one where somebody was enlisted. */
async function selectChanges(
  { db }: UsersDatabase,
  events: readonly LogEvent[],
  { wanted, viewer }: Request,
): Promise<(GroupChangeModel | undefined)[]> {
  const read = events.map((event) => {
    const found = findGroupEvent(event, viewer);
    return found !== undefined && (wanted.groupId ?? found.groupId) === found.groupId ? found : undefined;
  });
  const ids = [...new Set(read.flatMap((event) => (event === undefined ? [] : [event.groupId])))];
  const found = await Promise.all(ids.map((id) => viewer.loaders.groups.load(id)));
  const groups = new Map(ids.map((id, index) => [id, found[index] ?? null]));
  const begun = read.flatMap((event) => (event?.enlistment?.what === 'began' ? [event.groupId] : []));
  const members = begun.length === 0 ? new Map<string, number>() : await findMemberCounts(db, [...new Set(begun)]);
  const changes = read.map((event): ToldChange | undefined => {
    if (event === undefined) return undefined;
    const group = groups.get(event.groupId) ?? null;
    const kind = kindFor(event, group, { viewer, others: (members.get(event.groupId) ?? 0) > 1 });
    return kind && { id: event.groupId, kind, fields: nothing, group, wasThere: false, isShown: group !== null };
  });
  const told = changes.filter((change) => change !== undefined);
  const findPassing = (among: readonly string[]) =>
    groupRows.find(db, { where: { AND: [{ id: { in: among } }, wanted.where] } });
  const passes = await passing(wanted.filter, told, findPassing);
  return events.map((event, index) => {
    const change = changes[index];
    if (change === undefined) return otherGroups(event, viewer);
    const matchesFilter = passes[told.indexOf(change)];
    if (matchesFilter === undefined) return undefined;
    const { kind, id: groupId, group } = change;
    return { kind, position: event.position, groupId, group, matchesFilter };
  });
}

/** Groups do not change: who passes a filter has always done so. */
const nothing: ReadonlySet<string> = new Set();

function findGroupEvent(event: LogEvent, viewer: Viewer): GroupEvent | undefined {
  const enlistment = findEnlistmentEvent(event);
  if (enlistment !== undefined) {
    return seesEnlistment(viewer, enlistment) ? { groupId: enlistment.groupId, enlistment } : undefined;
  }
  const { groupId } = event.content;
  return event.type === 'group_created' && typeof groupId === 'string' ? { groupId, enlistment: undefined } : undefined;
}

/** The viewer sees other groups than before. What changes by an enlistment of their own, that one's event tells. */
function otherGroups(event: LogEvent, viewer: Viewer): GroupChangeModel | undefined {
  const again = { position: event.position, groupId: null, group: null, matchesFilter: false };
  if (event.type === 'user_deleted')
    return mayLoseGroups(event, viewer) ? { kind: 'ACCESS_LOST', ...again } : undefined;
  const { identity, now } = viewer;
  const change = findOwnRightsChange(event, identity);
  if (change === undefined || change.groupId !== null) return undefined;
  if (!showsAnything(change, (holder) => visibleGroup({ identity: holder, now }))) return undefined;
  return { kind: change.kind, ...again };
}

/** With a user all their enlistments go; some viewers see groups only while somebody is enlisted there. */
function mayLoseGroups({ access }: LogEvent, viewer: Viewer): boolean {
  const rule = visibleGroup(viewer);
  const sees = (members: readonly unknown[]) =>
    matches(rule, { id: noGroup, staffEnlistments: members, patientEnlistments: [] });
  const enlistments = [access?.staffEnlistments, access?.patientEnlistments].flat();
  return !sees([]) && sees(enlistments.filter((each) => each !== undefined));
}

/** The id of no group. */
const noGroup = '';

/** Undefined where the group is out of sight, and not by this event. */
function kindFor(
  { groupId, enlistment }: GroupEvent,
  group: GroupModel | null,
  { viewer, others }: { readonly viewer: Viewer; readonly others: boolean },
): ToldChange['kind'] | undefined {
  if (enlistment === undefined) return group === null ? undefined : 'CREATED';
  if (enlistment.what !== 'began') return group === null ? 'ACCESS_LOST' : 'UPDATED';
  if (group === null) return undefined;
  const { identity, now } = viewer;
  const isTheirs = matches(isOwn('userId', identity), { userId: enlistment.userId });
  const before = { identity: isTheirs ? without(identity, enlistment) : identity, now };
  const known = { id: groupId, staffEnlistments: others ? [{}] : [], patientEnlistments: [] };
  return matches(visibleGroup(before), known) ? 'UPDATED' : 'ACCESS_GAINED';
}

function without(identity: Identity, { relation, groupId }: EnlistmentEvent): Identity {
  const others = <V>(groups: ReadonlyMap<string, V>) => new Map([...groups].filter(([id]) => id !== groupId));
  return relation === 'staff'
    ? { ...identity, staff: others(identity.staff) }
    : { ...identity, patient: others(identity.patient) };
}
