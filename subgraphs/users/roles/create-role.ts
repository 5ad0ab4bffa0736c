// Creates a role, global or of a group. It starts without permissions, and nobody holds it.
import { holdsEverywhere, holdsIn } from '../../../platform/access/scope.ts';
import { forbidden, notFound } from '../../../platform/errors.ts';
import type { Identity } from '../../../platform/identity/identity.ts';
import { newId, requireId } from '../../../platform/ids.ts';
import { requireText } from '../../../platform/text.ts';
import { lockGroups } from '../group-store.ts';
import type { RoleModel } from '../models.ts';
import type { UsersDatabase } from '../store.ts';
import { insertRole } from './store.ts';

export interface CreateRoleInput {
  readonly name: string;
  readonly description?: string;
  readonly groupId?: string | null;
}

/** FORBIDDEN also for a group that there is not, to whoever may not create roles in any group. */
export async function createRole(
  database: UsersDatabase,
  identity: Identity,
  input: CreateRoleInput,
): Promise<RoleModel> {
  const groupId = typeof input.groupId === 'string' ? requireId(input.groupId, 'input.groupId') : null;
  requireRight(identity, groupId);
  const role = {
    id: newId(),
    name: requireText(input.name, 'input.name', { least: 1, most: 100 }),
    description: requireText(input.description ?? '', 'input.description', { most: 1_000 }),
    groupId,
    permissions: [],
  };
  return database.write(async (tx) => {
    if (groupId !== null && !(await lockGroups(tx.db, [groupId])).has(groupId))
      throw notFound('Group', 'input.groupId');
    tx.publish({ type: 'role_created', content: { roleId: role.id, groupId } });
    return insertRole(tx.db, role);
  });
}

function requireRight(identity: Identity, groupId: string | null): void {
  if (groupId === null) {
    if (!holdsEverywhere(identity, 'CREATE_ROLE')) throw forbidden('CREATE_ROLE');
  } else if (!holdsIn(identity, groupId, 'CREATE_GROUP_ROLE')) {
    throw forbidden('CREATE_GROUP_ROLE', 'everywhere or in this group');
  }
}
