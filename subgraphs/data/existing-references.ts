// Asks the services that own them whether users, groups and files exist (files: for this viewer). Never call inside a
// transaction.
import type { Identity } from '../../platform/identity/identity.ts';
import type { ServiceClient } from '../../platform/subgraph/service-client.ts';

/** Those of the users that there are not. */
export async function findMissingUsers(services: ServiceClient, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const query = 'query ExistingUsers($ids: [ID!]!) { existingUsers(ids: $ids) }';
  const { existingUsers } = await services.call<{ existingUsers: string[] }>('users', { query, variables: { ids } });
  return missing(ids, existingUsers);
}

/** Those of the groups that there are not. */
export async function findMissingGroups(services: ServiceClient, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const query = 'query ExistingGroups($ids: [ID!]!) { existingGroups(ids: $ids) }';
  const { existingGroups } = await services.call<{ existingGroups: string[] }>('users', { query, variables: { ids } });
  return missing(ids, existingGroups);
}

/** Those of the files that the viewer does not see. */
export async function findInvisibleFiles(
  services: ServiceClient,
  ids: readonly string[],
  identity: Identity,
): Promise<string[]> {
  if (ids.length === 0) return [];
  const query = 'query VisibleFiles($ids: [ID!]!) { visibleFiles(ids: $ids) }';
  const { visibleFiles } = await services.call<{ visibleFiles: string[] }>('files', {
    query,
    variables: { ids },
    identity,
  });
  return missing(ids, visibleFiles);
}

function missing(ids: readonly string[], there: readonly string[]): string[] {
  const known = new Set(there);
  return ids.filter((id) => !known.has(id));
}
