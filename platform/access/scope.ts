// The one evaluator: where does a permission hold for this identity? Nothing else reads an identity's permissions.
import type { Identity } from '../identity/identity.ts';
import type { Permission, PermissionName } from './permissions.ts';
import { permissionCatalogue } from './permissions.ts';

/** Everywhere (a global role holds it), or in these groups (staff roles hold it there); no groups means nowhere. */
export type Scope =
  | { readonly everywhere: true }
  | { readonly everywhere: false; readonly groups: ReadonlySet<string> };

const everywhere: Scope = { everywhere: true };

/**
 * Where any of the permissions holds. A role of a group counts only for permissions that groups can hold. Asking for
 * `VIEW_DOCUMENTS:x` is asking for that spelling alone: pass both to accept the unsuffixed one too.
 */
export function scope(identity: Identity, ...permissions: readonly Permission[]): Scope {
  if (permissions.some((permission) => identity.permissions.has(permission))) return everywhere;
  const groupPermissions = permissions.filter(
    (permission) => permissionCatalogue[permission.split(':', 1)[0] as PermissionName].group,
  );
  const groups = new Set<string>();
  for (const [groupId, held] of identity.staff) {
    if (groupPermissions.some((permission) => held.has(permission))) groups.add(groupId);
  }
  return { everywhere: false, groups };
}

/** Whether the permission holds everywhere. */
export function holdsEverywhere(identity: Identity, ...permissions: readonly Permission[]): boolean {
  return scope(identity, ...permissions).everywhere;
}

/** Whether the permission holds everywhere or in this group. */
export function holdsIn(identity: Identity, groupId: string, ...permissions: readonly Permission[]): boolean {
  const where = scope(identity, ...permissions);
  return where.everywhere || where.groups.has(groupId);
}
