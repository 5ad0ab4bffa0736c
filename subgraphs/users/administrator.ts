// The first account, for whoever installs the platform, and the role that holds every permission there is.
import { permissionNames } from '../../platform/access/permissions.ts';
import type { Config } from '../../platform/config.ts';
import { newId } from '../../platform/ids.ts';
import { changingRights } from './rights/changing-rights.ts';
import { addMissingPermissions } from './roles/add-permissions-to-roles.ts';
import { findSystemRole, insertRole, insertUserRoles } from './roles/store.ts';
import { hashPassword } from './sign-in/passwords.ts';
import type { UsersDatabase, UsersTransaction } from './store.ts';
import { hasUsers, insertUser, lockFirstAccount } from './store.ts';

const systemKey = 'administrator';

/** Gives the role what this version of the platform has learnt, then creates the account if there is none at all. */
export async function ensureAdministrator(database: UsersDatabase, admin: Config['admin']): Promise<void> {
  await updateRole(database);
  if (admin === undefined || (await hasUsers(database.db))) return;
  // The password is the operator's own choice: its length was checked with the configuration, the policy is for users.
  const passwordHash = await hashPassword(admin.password);
  await database.write(async (tx) => {
    // Another process may be starting, too: whoever comes second finds the account.
    await lockFirstAccount(tx.db);
    if (!(await hasUsers(tx.db))) await createAdministrator(tx, admin.email.toLowerCase(), passwordHash);
  });
}

async function updateRole(database: UsersDatabase): Promise<void> {
  const role = await findSystemRole(database.db, systemKey);
  if (role === null || permissionNames.every((name) => role.permissions.includes(name))) return;
  await database.write((tx) => addMissingPermissions(tx, [role.id], permissionNames));
}

async function createAdministrator(tx: UsersTransaction, email: string, passwordHash: string): Promise<void> {
  const name = { firstName: 'First', lastName: 'Administrator', language: 'EN', phoneNumber: null };
  const userId = newId();
  await insertUser(tx.db, { id: userId, email, ...name, passwordHash });
  tx.publish({ type: 'user_created', content: { userId } });
  const roleId = (await findSystemRole(tx.db, systemKey))?.id ?? (await createRole(tx));
  await changingRights(tx, { userIds: [userId], groupIds: [] }, async () => {
    await insertUserRoles(tx.db, [userId], [roleId]);
    tx.publish({ type: 'user_roles_added', content: { userId, roleIds: [roleId] } });
  });
  tx.bumpAccess([userId]);
}

async function createRole(tx: UsersTransaction): Promise<string> {
  const id = newId();
  const description = 'Holds every permission. Kept up to date by the platform.';
  const permissions = [...permissionNames].sort();
  await insertRole(tx.db, { id, name: 'administrator', description, groupId: null, permissions, systemKey });
  tx.publish({ type: 'role_created', content: { roleId: id, groupId: null } });
  return id;
}
