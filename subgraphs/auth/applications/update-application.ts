// Changes what users see of an application, and where they may be sent back to. Its type and whether it keeps a secret
// stay as they were: clients rely on them.
import { invalidInput, notFound } from '../../../platform/errors.ts';
import { requireId } from '../../../platform/ids.ts';
import type { AuthDatabase } from '../auth-parts.ts';
import type { ApplicationModel } from '../models.ts';
import { requireDescription, requireLogo, requireName, requireRedirectUris } from './application-input.ts';
import { type ApplicationColumns, lockApplication, updateApplicationRow } from './store.ts';

export interface UpdateApplicationInput {
  readonly applicationId: string;
  readonly name?: string | null;
  readonly description?: string | null;
  readonly redirectUris?: readonly string[] | null;
  readonly logo?: string | null;
}

export async function updateApplication(
  database: AuthDatabase,
  input: UpdateApplicationInput,
): Promise<ApplicationModel> {
  const id = requireId(input.applicationId, 'input.applicationId');
  return database.write(async (tx) => {
    const application = await lockApplication(tx.db, id);
    if (application === null) throw notFound('Application', 'input.applicationId');
    const columns = changes(application.type, input);
    if (Object.keys(columns).length === 0) return application;
    tx.publish({ type: 'application_updated', content: { applicationId: id } });
    return updateApplicationRow(tx.db, id, columns);
  });
}

function changes(type: ApplicationModel['type'], input: UpdateApplicationInput): ApplicationColumns {
  const { name, description, redirectUris, logo } = input;
  for (const [field, value] of Object.entries({ name, description, redirectUris })) {
    if (value === null) throw invalidInput(`input.${field}`, 'it cannot be cleared.', { code: 11 });
  }
  return {
    ...(typeof name === 'string' ? { name: requireName(name) } : {}),
    ...(typeof description === 'string' ? { description: requireDescription(description) } : {}),
    ...(Array.isArray(redirectUris) ? { redirectUris: requireRedirectUris(type, redirectUris) } : {}),
    ...(logo === undefined ? {} : { logo: requireLogo(logo) }),
  };
}
