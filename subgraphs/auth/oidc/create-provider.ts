// Adds a provider of OpenID Connect. Users can sign in through it at once.
import { AppError, invalidInput } from '../../../platform/errors.ts';
import { newId } from '../../../platform/ids.ts';
import type { AuthParts } from '../auth-parts.ts';
import type { OidcProviderModel } from '../models.ts';
import { type ProviderInput, readProviderInput } from './provider-input.ts';
import { insertProvider, type ProviderColumns } from './store.ts';

/** ALREADY_EXISTS when another provider has the name. */
export async function createProvider(parts: AuthParts, input: ProviderInput): Promise<OidcProviderModel> {
  const columns = requireAll(readProviderInput(parts, input));
  return parts.database.write(async (tx) => {
    const provider = await insertProvider(tx.db, { id: newId(), ...columns });
    if (provider === null) throw nameTaken();
    tx.publish({ type: 'oidc_provider_created', content: { providerId: provider.id } });
    return provider;
  });
}

export function nameTaken(): AppError {
  const details = { field: 'input.name', code: 17 };
  return new AppError('ALREADY_EXISTS', 'input.name: another provider has this name.', details);
}

/** The contract asks for all of them; an explicit null gets this far. */
function requireAll(columns: Partial<ProviderColumns>): ProviderColumns {
  const fields: Record<keyof ProviderColumns, string> = {
    name: 'name',
    description: 'description',
    clientId: 'clientId',
    sealedSecret: 'clientSecret',
    clientSecretHint: 'clientSecret',
    issuerId: 'issuerId',
    authorizationEndpoint: 'authorizationEndpoint',
    tokenEndpoint: 'tokenEndpoint',
    userinfoEndpoint: 'userinfoEndpoint',
    redirectUri: 'redirectUri',
  };
  for (const [column, field] of Object.entries(fields)) {
    if (columns[column as keyof ProviderColumns] === undefined) throw invalidInput(`input.${field}`, 'this is needed.');
  }
  return columns as ProviderColumns;
}
