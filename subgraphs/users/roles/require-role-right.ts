// Whether the viewer may act on roles: global ones by one permission, those of a group by its counterpart, held
// everywhere or in that group.
import { isIn } from '../../../platform/access/condition.ts';
import { toWhere } from '../../../platform/access/condition-where.ts';
import type { Permission } from '../../../platform/access/permissions.ts';
import { holdsEverywhere, holdsIn } from '../../../platform/access/scope.ts';
import { forbidden, notFound } from '../../../platform/errors.ts';
import type { Identity } from '../../../platform/identity/identity.ts';
import type { RoleModel } from '../models.ts';
import type { UsersDatabase } from '../store.ts';
import { type Viewer, visibleRole } from '../visible.ts';
import { roleRows } from './store.ts';

export interface RoleRight {
  /** For global roles. */
  readonly global: Permission;
  /** For roles of groups. */
  readonly group: Permission;
}

export interface AskedRoles {
  /** The ids as they were given. */
  readonly ids: readonly string[];
  /** Names each id in a refusal: by its place in a list, or `input.roleId` for the only one. */
  readonly fieldOf: (index: number) => string;
  readonly right: RoleRight;
}

/** A role that may not be changed is forbidden to whoever sees it, and not found for others, like one that is not there. */
export async function requireRoleRight(
  { db }: UsersDatabase,
  viewer: Viewer,
  { ids, fieldOf, right }: AskedRoles,
): Promise<void> {
  const among = (given: readonly string[]) => toWhere(isIn('id', given));
  const found = await roleRows.find(db, { where: among(ids.map((id) => id.toLowerCase())) });
  const refused = found.filter((role) => !mayAct(viewer.identity, role, right)).map(({ id }) => id);
  const where = { AND: [among(refused), toWhere(visibleRole(viewer))] };
  const seen = refused.length === 0 ? [] : await roleRows.find(db, { where });
  ids.forEach((given, index) => {
    const id = given.toLowerCase();
    const visible = seen.find((role) => role.id === id);
    if (visible !== undefined) throw forbidden(neededFor(visible, right), 'for this role');
    if (refused.includes(id) || !found.some((role) => role.id === id)) throw notFound('Role', fieldOf(index));
  });
}

/** The places in `input.roleIds`. */
export function inRoleIds(index: number): string {
  return `input.roleIds.${index}`;
}

function mayAct(identity: Identity, role: RoleModel, right: RoleRight): boolean {
  return role.groupId === null ? holdsEverywhere(identity, right.global) : holdsIn(identity, role.groupId, right.group);
}

function neededFor(role: RoleModel, right: RoleRight): Permission {
  return role.groupId === null ? right.global : right.group;
}
