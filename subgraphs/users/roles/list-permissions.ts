// The permissions that the platform knows, from the one catalogue.
import { permissionCatalogue, permissionNames } from '../../../platform/access/permissions.ts';
import type { PermissionModel } from '../models.ts';

const known: readonly PermissionModel[] = permissionNames
  .map((name) => ({ name, ...permissionCatalogue[name] }))
  .sort((one, other) => (one.name < other.name ? -1 : 1));
const byName = new Map(known.map((permission) => [permission.name, permission]));

/** In alphabetical order: all, for a global role can hold each; or those that a role of a group can hold. */
export function listPermissions(scope: 'GLOBAL' | 'GROUP'): PermissionModel[] {
  return known.filter(({ group }) => scope === 'GLOBAL' || group);
}

/** Null for a name that the platform gives no meaning to. */
export function findPermission(name: string): PermissionModel | null {
  return byName.get(name) ?? null;
}
