// One request's reading: what many fields ask for one by one is read together, and only what the viewer may see.
import DataLoader from 'dataloader';
import { always, type Condition, isIn } from '../../platform/access/condition.ts';
import { comparesOwnId, forAllMembers, relationsReadBy } from '../../platform/access/condition-for-all.ts';
import { matches } from '../../platform/access/condition-matches.ts';
import { toWhere, type Where } from '../../platform/access/condition-where.ts';
import { isId } from '../../platform/ids.ts';
import { findPatientEnlistments, findStaffEnlistments } from './enlistments/store.ts';
import { groupRows } from './group-store.ts';
import type {
  GroupModel,
  OidcLinkModel,
  PatientEnlistmentModel,
  RoleModel,
  StaffEnlistmentModel,
  UserModel,
} from './models.ts';
import { findHeldRoles, type HeldRole, roleRows } from './roles/store.ts';
import type { Rows, UsersDatabase } from './store.ts';
import { findOidcLinks, userRows } from './store.ts';
import type { Viewer } from './visible.ts';
import {
  visibleGroup,
  visibleInFull,
  visiblePatientEnlistment,
  visibleRole,
  visibleStaffEnlistment,
  visibleUser,
} from './visible.ts';

export interface UsersLoaders {
  /** By id; null for one that is missing, invisible or no id at all. */
  readonly users: DataLoader<string, UserModel | null>;
  readonly groups: DataLoader<string, GroupModel | null>;
  readonly roles: DataLoader<string, RoleModel | null>;
  readonly enlistments: EnlistmentsLoader;
  /** By the id of a user: the roles that the user holds, global ones and those held as staff. */
  readonly heldRoles: DataLoader<string, HeldRoles>;
  /** By the id of a group: the roles of that group. */
  readonly groupRoles: DataLoader<string, RoleModel[]>;
  /** By the id of a user: the links to providers; null where the viewer does not see the user in full. */
  readonly oidcLinks: DataLoader<string, OidcLinkModel[] | null>;
}

export interface HeldRoles {
  readonly everywhere: RoleModel[];
  inGroup(groupId: string): RoleModel[];
}

export function usersLoaders(database: UsersDatabase, viewer: Viewer): UsersLoaders {
  return {
    users: byId(database, userRows, visibleUser(viewer)),
    groups: byId(database, groupRows, visibleGroup(viewer)),
    roles: byId(database, roleRows, visibleRole(viewer)),
    enlistments: enlistmentsLoader(database, viewer),
    heldRoles: new DataLoader(async (userIds) => {
      const roles = await findHeldRoles(database.db, userIds, toWhere(visibleRole(viewer)));
      return userIds.map(heldRoles(roles));
    }),
    groupRoles: new DataLoader(async (groupIds) => {
      const where = { AND: [toWhere(isIn('groupId', groupIds)), toWhere(visibleRole(viewer))] };
      const roles = await roleRows.find(database.db, { where, orderBy: [{ name: 'asc' }, { id: 'asc' }] });
      const byGroup = grouped(roles, ({ groupId }) => groupId ?? '');
      return groupIds.map((groupId) => byGroup.get(groupId) ?? []);
    }),
    oidcLinks: new DataLoader(async (userIds) => {
      const inFull = userIds.filter((id) => matches(visibleInFull(viewer), { id }));
      const links = inFull.length === 0 ? [] : await findOidcLinks(database.db, inFull);
      const byUser = grouped(links, ({ userId }) => userId);
      return userIds.map((id) => (inFull.includes(id) ? (byUser.get(id) ?? []) : null));
    }),
  };
}

function byId<Row extends { readonly id: string }>(
  database: UsersDatabase,
  rows: Rows<Row>,
  visible: Condition,
): DataLoader<string, Row | null> {
  return new DataLoader(async (given) => {
    // References come from anywhere: what is no id must not reach the database, nor fail the others of its batch.
    const ids = given.map((id) => (isId(id) ? id.toLowerCase() : undefined));
    const wanted = new Set(ids.filter((id) => id !== undefined));
    const found = new Map((await findVisible(database, rows, wanted, visible)).map((row) => [row.id, row]));
    return ids.map((id) => (id === undefined ? undefined : found.get(id)) ?? null);
  });
}

/** For any member of an access class: what all of them see, noting of the rest who sees it for being who they are. */
async function findVisible<Row extends { readonly id: string }>(
  { db }: UsersDatabase,
  rows: Rows<Row>,
  ids: ReadonlySet<string>,
  visible: Condition,
): Promise<Row[]> {
  const of = (wanted: Iterable<string>, rule: Condition) => ({ AND: [toWhere(isIn('id', wanted)), toWhere(rule)] });
  const found = await rows.find(db, { where: of(ids, forAllMembers(visible)) });
  const seen = new Set(found.map(({ id }) => id));
  const others = comparesOwnId(visible) ? [...ids].filter((id) => !seen.has(id)) : [];
  if (others.length === 0) return found;
  const include = relationsReadBy(visible);
  const undecided = await rows.find(db, { where: of(others, always), include });
  return [...found, ...undecided.filter((row) => matches(visible, { ...row }))];
}

interface EnlistmentsLoader {
  staff(userId: string): Promise<StaffEnlistmentModel[]>;
  patient(userId: string): Promise<PatientEnlistmentModel[]>;
}

/** Both kinds come out of one loader, so that they arrive together and their groups are read together. */
function enlistmentsLoader({ db }: UsersDatabase, viewer: Viewer): EnlistmentsLoader {
  type Enlistment = StaffEnlistmentModel | PatientEnlistmentModel;
  const of = (userIds: string[], visible: Condition): Where => ({
    AND: [toWhere(isIn('userId', userIds)), toWhere(visible)],
  });
  const kinds = {
    staff: (userIds: string[]) => findStaffEnlistments(db, of(userIds, visibleStaffEnlistment(viewer))),
    patient: (userIds: string[]) => findPatientEnlistments(db, of(userIds, visiblePatientEnlistment(viewer))),
  };
  type Kind = keyof typeof kinds;
  const loader = new DataLoader<{ kind: Kind; userId: string }, Enlistment[], string>(
    async (keys) => {
      const read = async (kind: Kind): Promise<Map<string, Enlistment[]>> => {
        const userIds = keys.filter((key) => key.kind === kind).map(({ userId }) => userId);
        return userIds.length === 0
          ? new Map()
          : grouped<Enlistment>(await kinds[kind](userIds), ({ userId }) => userId);
      };
      const [staff, patient] = await Promise.all([read('staff'), read('patient')]);
      const found = { staff, patient };
      return keys.map(({ kind, userId }) => found[kind].get(userId) ?? []);
    },
    { cacheKeyFn: ({ kind, userId }) => `${kind} ${userId}` },
  );
  return {
    staff: (userId) => loader.load({ kind: 'staff', userId }) as Promise<StaffEnlistmentModel[]>,
    patient: (userId) => loader.load({ kind: 'patient', userId }) as Promise<PatientEnlistmentModel[]>,
  };
}

function heldRoles(roles: readonly HeldRole[]): (userId: string) => HeldRoles {
  const everywhere = grouped(
    roles.flatMap((role) => role.users.map(({ userId }) => ({ userId, role }))),
    ({ userId }) => userId,
  );
  const inGroups = grouped(
    roles.flatMap((role) => role.staff.map(({ userId, groupId }) => ({ userId, groupId, role }))),
    ({ userId }) => userId,
  );
  return (userId) => ({
    everywhere: (everywhere.get(userId) ?? []).map(({ role }) => role),
    inGroup: (groupId) =>
      (inGroups.get(userId) ?? []).filter((held) => held.groupId === groupId).map(({ role }) => role),
  });
}

function grouped<Item>(items: readonly Item[], key: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** Those of the rows that the viewer sees, in the order of their ids. */
export async function loadVisible<Row>(loader: DataLoader<string, Row | null>, ids: readonly string[]): Promise<Row[]> {
  return (await Promise.all(ids.map((id) => loader.load(id)))).filter((row) => row !== null);
}
