// Creates an application. It has no credentials yet: those belong to its versions.
import { invalidInput } from '../../../platform/errors.ts';
import { newId } from '../../../platform/ids.ts';
import type { AuthDatabase } from '../auth-parts.ts';
import type { ApplicationModel } from '../models.ts';
import { requireDescription, requireLogo, requireName, requireRedirectUris } from './application-input.ts';
import { insertApplication } from './store.ts';

export interface CreateApplicationInput {
  readonly type: ApplicationModel['type'];
  readonly name: string;
  readonly description: string;
  readonly redirectUris?: readonly string[] | null;
  readonly confidential?: boolean;
  readonly logo?: string | null;
}

export async function createApplication(
  database: AuthDatabase,
  input: CreateApplicationInput,
): Promise<ApplicationModel> {
  const { type, confidential = false } = input;
  if (type === 'OAUTH1' && confidential) {
    throw invalidInput('input.confidential', 'an OAuth 1 application always keeps a secret.');
  }
  const application = {
    id: newId(),
    type,
    name: requireName(input.name),
    description: requireDescription(input.description),
    redirectUris: requireRedirectUris(type, input.redirectUris),
    confidential,
    logo: requireLogo(input.logo),
  };
  return database.write(async (tx) => {
    tx.publish({ type: 'application_created', content: { applicationId: application.id } });
    return insertApplication(tx.db, application);
  });
}
