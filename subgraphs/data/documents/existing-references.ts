// Asks the services that own them whether users, groups and files exist (files: for this viewer). Never call inside a
// transaction.
import type { Identity } from '../../../platform/identity/identity.ts';
import type { ServiceClient } from '../../../platform/subgraph/service-client.ts';

/** Those of the users that there are. */
export async function findExistingUsers(services: ServiceClient, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const query = 'query ExistingUsers($ids: [ID!]!) { existingUsers(ids: $ids) }';
  const { existingUsers } = await services.call<{ existingUsers: string[] }>('users', { query, variables: { ids } });
  return new Set(existingUsers);
}

/** Those of the groups that there are. */
export async function findExistingGroups(
  services: ServiceClient,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const query = 'query ExistingGroups($ids: [ID!]!) { existingGroups(ids: $ids) }';
  const { existingGroups } = await services.call<{ existingGroups: string[] }>('users', { query, variables: { ids } });
  return new Set(existingGroups);
}

/** Those of the files that the viewer sees. */
export async function findVisibleFiles(
  services: ServiceClient,
  ids: readonly string[],
  identity: Identity,
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const query = 'query VisibleFiles($ids: [ID!]!) { visibleFiles(ids: $ids) }';
  const { visibleFiles } = await services.call<{ visibleFiles: string[] }>('files', {
    query,
    variables: { ids },
    identity,
  });
  return new Set(visibleFiles);
}
