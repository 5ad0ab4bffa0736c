// Adds permissions to roles. Whoever holds one of the roles has them from the next request on.
import { isIn } from '../../platform/access/condition.ts';
import { toWhere } from '../../platform/access/condition-where.ts';
import { holdsEverywhere, holdsIn } from '../../platform/access/scope.ts';
import { forbidden, invalidInput, notFound } from '../../platform/errors.ts';
import type { Identity } from '../../platform/identity/identity.ts';
import { requireFound, requireSomeIds } from './known-ids.ts';
import type { RoleModel } from './models.ts';
import type { UsersDatabase, UsersTransaction } from './store.ts';
import { addPermissions, findHolders, lockRolesToChange, roleRows } from './store.ts';
import { type Viewer, visibleRole } from './visible.ts';

export interface AddPermissionsInput {
  readonly roleIds: readonly string[];
  readonly permissions: readonly string[];
}

const mostPermissions = 200;
const nameShape = /^[A-Za-z][A-Za-z0-9_:.-]{0,199}$/;

/** The ids of the roles. All of them change, or none. */
export async function addPermissionsToRoles(
  database: UsersDatabase,
  viewer: Viewer,
  input: AddPermissionsInput,
): Promise<string[]> {
  const roleIds = requireSomeIds(input.roleIds, 'input.roleIds');
  const permissions = requirePermissionNames(input.permissions);
  await requireRight(database, viewer, input.roleIds);
  await database.write(async (tx) => {
    const found = await addMissingPermissions(tx, roleIds, permissions);
    requireFound(input.roleIds, found, { what: 'Role', field: 'input.roleIds' });
  });
  return roleIds;
}

/** Adds to each role what it lacks, and tells; the ids of the roles that there are. */
export async function addMissingPermissions(
  tx: UsersTransaction,
  roleIds: readonly string[],
  permissions: readonly string[],
): Promise<Set<string>> {
  const roles = await lockRolesToChange(tx.db, roleIds);
  const lacking = roles
    .map((role) => ({ id: role.id, missing: permissions.filter((name) => !role.permissions.includes(name)) }))
    .filter(({ missing }) => missing.length > 0);
  if (lacking.length > 0) {
    const changed = lacking.map(({ id }) => id);
    await addPermissions(tx.db, changed, permissions);
    tx.bumpAccess(await findHolders(tx.db, changed));
  }
  for (const { id, missing } of lacking) {
    tx.publish({ type: 'role_permissions_added', content: { roleId: id, permissions: missing } });
  }
  return new Set(roles.map(({ id }) => id));
}

function requirePermissionNames(names: readonly string[]): string[] {
  const field = 'input.permissions';
  if (names.length === 0) throw invalidInput(field, 'name at least one.');
  if (names.length > mostPermissions) throw invalidInput(field, `at most ${mostPermissions} are allowed.`);
  const wrong = names.findIndex((name) => !nameShape.test(name));
  if (wrong !== -1) {
    const shape = 'a permission starts with a letter, goes on with letters, digits, _ : . or -, and has at most 200.';
    throw invalidInput(`${field}.${wrong}`, shape);
  }
  return [...new Set(names)];
}

/** A role that may not be changed is forbidden to whoever sees it, and not found for others, like one that is not there. */
async function requireRight(database: UsersDatabase, viewer: Viewer, given: readonly string[]): Promise<void> {
  const among = toWhere(
    isIn(
      'id',
      given.map((id) => id.toLowerCase()),
    ),
  );
  const roles = new Map((await roleRows.find(database.db, { where: among })).map((role) => [role.id, role]));
  const refused = [...roles.values()].filter((role) => !mayChange(viewer.identity, role));
  const where = {
    AND: [
      toWhere(
        isIn(
          'id',
          refused.map(({ id }) => id),
        ),
      ),
      toWhere(visibleRole(viewer)),
    ],
  };
  const seen = refused.length === 0 ? [] : await roleRows.find(database.db, { where });
  given.forEach((id, index) => {
    const role = roles.get(id.toLowerCase());
    const visible = seen.find((other) => other.id === role?.id);
    if (visible !== undefined) throw forbidden(neededFor(visible), 'for this role');
    if (role === undefined || refused.includes(role)) throw notFound('Role', `input.roleIds.${index}`);
  });
}

function mayChange(identity: Identity, role: RoleModel): boolean {
  return role.groupId === null
    ? holdsEverywhere(identity, 'ADD_ROLE_PERMISSION')
    : holdsIn(identity, role.groupId, 'ADD_GROUP_ROLE_PERMISSION');
}

function neededFor(role: RoleModel): string {
  return role.groupId === null ? 'ADD_ROLE_PERMISSION' : 'ADD_GROUP_ROLE_PERMISSION';
}
