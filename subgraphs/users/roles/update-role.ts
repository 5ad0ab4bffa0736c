// Changes the name and the description of a role; what is left out stays.
import { invalidInput, notFound } from '../../../platform/errors.ts';
import { requireId } from '../../../platform/ids.ts';
import { requireText } from '../../../platform/text.ts';
import type { UsersDatabase } from '../store.ts';
import type { Viewer } from '../visible.ts';
import { requireRoleRight } from './require-role-right.ts';
import { changeRole, lockRolesToChange } from './store.ts';

export interface UpdateRoleInput {
  readonly roleId: string;
  readonly name?: string | null;
  readonly description?: string | null;
}

const right = { global: 'UPDATE_ROLE', group: 'UPDATE_GROUP_ROLE' } as const;
const field = 'input.roleId';
const limits = { name: { least: 1, most: 100 }, description: { most: 1_000 } } as const;

/** The id of the role. */
export async function updateRole(database: UsersDatabase, viewer: Viewer, input: UpdateRoleInput): Promise<string> {
  const roleId = requireId(input.roleId, field);
  const changes = requireChanges(input);
  await requireRoleRight(database, viewer, { ids: [roleId], fieldOf: () => field, right });
  await database.write(async (tx) => {
    const [role] = await lockRolesToChange(tx.db, [roleId]);
    if (role === undefined) throw notFound('Role', field);
    const fields = (['name', 'description'] as const).filter(
      (name) => changes[name] !== undefined && changes[name] !== role[name],
    );
    if (fields.length === 0) return;
    await changeRole(tx.db, roleId, changes);
    tx.publish({ type: 'role_updated', content: { roleId, groupId: role.groupId, fields } });
  });
  return roleId;
}

function requireChanges(input: UpdateRoleInput): { name?: string; description?: string } {
  const changes: { name?: string; description?: string } = {};
  for (const name of ['name', 'description'] as const) {
    const value = input[name];
    if (value === undefined) continue;
    if (value === null) throw invalidInput(`input.${name}`, 'this cannot be cleared; leave it out to keep it.');
    changes[name] = requireText(value, `input.${name}`, limits[name]);
  }
  return changes;
}
