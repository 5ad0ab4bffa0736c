// Changes, enables, disables and deletes a provider.
import { AppError, notFound } from '../../../platform/errors.ts';
import { requireId } from '../../../platform/ids.ts';
import type { AuthParts, AuthTransaction } from '../auth-parts.ts';
import type { OidcProviderModel } from '../models.ts';
import { nameTaken } from './create-provider.ts';
import { type ProviderInput, readProviderInput } from './provider-input.ts';
import { deleteProvider, isNameTaken, lockProvider, updateProvider } from './store.ts';

const field = 'input.providerId';

/** What is left out stays. */
export async function changeProvider(
  parts: AuthParts,
  input: ProviderInput & { readonly providerId: string },
): Promise<OidcProviderModel> {
  const id = requireId(input.providerId, field);
  const columns = readProviderInput(parts, input);
  return parts.database.write(async (tx) => {
    const provider = await getLocked(tx, id);
    if (columns.name !== undefined && (await isNameTaken(tx.db, columns.name, id))) throw nameTaken();
    if (Object.keys(columns).length === 0) return provider;
    tx.publish({ type: 'oidc_provider_updated', content: { providerId: id } });
    return updateProvider(tx.db, id, columns);
  });
}

export async function setProviderEnabled(
  { database }: AuthParts,
  providerId: string,
  enabled: boolean,
): Promise<OidcProviderModel> {
  const id = requireId(providerId, field);
  return database.write(async (tx) => {
    const provider = await getLocked(tx, id);
    if (provider.enabled === enabled) return provider;
    tx.publish({ type: enabled ? 'oidc_provider_enabled' : 'oidc_provider_disabled', content: { providerId: id } });
    return updateProvider(tx.db, id, { enabled });
  });
}

/** ILLEGAL_STATE while it is enabled or users are linked to it: they could not sign in any more. The id. */
export async function removeProvider({ database, users }: AuthParts, providerId: string): Promise<string> {
  const id = requireId(providerId, field);
  // Asked before the transaction, which must not wait for a service. Nobody is linked to a disabled one meanwhile.
  const links = await users.countOidcLinks(id);
  await database.write(async (tx) => {
    const { enabled } = await getLocked(tx, id);
    if (enabled) throw illegal('Disable the provider first.');
    if (links > 0) throw illegal(`Users are linked to the provider (${links}): unlink them first.`);
    await deleteProvider(tx.db, id);
    tx.publish({ type: 'oidc_provider_deleted', content: { providerId: id } });
  });
  return id;
}

async function getLocked(tx: AuthTransaction, id: string): Promise<OidcProviderModel> {
  const provider = await lockProvider(tx.db, id);
  if (provider === null) throw notFound('Provider', field);
  return provider;
}

function illegal(message: string): AppError {
  return new AppError('ILLEGAL_STATE', message, { code: 27 });
}
