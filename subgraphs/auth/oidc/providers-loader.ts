// Providers by id, as far as the viewer may see them: for references and for the attempts that name them.
import DataLoader from 'dataloader';
import { holdsEverywhere } from '../../../platform/access/scope.ts';
import type { Identity } from '../../../platform/identity/identity.ts';
import { isId } from '../../../platform/ids.ts';
import type { AuthDatabase } from '../auth-parts.ts';
import type { OidcProviderModel } from '../models.ts';
import { providerRows } from './store.ts';

/** Null for one that is missing, invisible or no id at all. */
export function providersLoader(
  { db }: AuthDatabase,
  identity: Identity,
): DataLoader<string, OidcProviderModel | null> {
  return new DataLoader(async (given) => {
    if (!holdsEverywhere(identity, 'VIEW_OIDC_PROVIDERS')) return given.map(() => null);
    const ids = given.filter(isId).map((id) => id.toLowerCase());
    const found = new Map((await providerRows.find(db, { where: { id: { in: ids } } })).map((row) => [row.id, row]));
    return given.map((id) => found.get(id.toLowerCase()) ?? null);
  });
}
