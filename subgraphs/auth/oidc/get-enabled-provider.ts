// The provider that somebody signs in through, by its name or its id.
import { AppError, notFound } from '../../../platform/errors.ts';
import { isId } from '../../../platform/ids.ts';
import { isStorable } from '../../../platform/text.ts';
import type { AuthParts } from '../auth-parts.ts';
import { findProviderWithSecret, type ProviderWithSecret } from './store.ts';

/** NOT_FOUND when there is none, ILLEGAL_STATE when it is disabled. */
export async function getEnabledProvider({ database }: AuthParts, nameOrId: string): Promise<ProviderWithSecret> {
  const provider = isId(nameOrId)
    ? await findProviderWithSecret(database.db, { id: nameOrId.toLowerCase() })
    : isStorable(nameOrId)
      ? await findProviderWithSecret(database.db, { name: nameOrId })
      : null;
  if (provider === null) throw notFound('Provider', 'input.providerName');
  if (!provider.enabled) throw new AppError('ILLEGAL_STATE', 'The provider is disabled.', { code: 27 });
  return provider;
}
