// Deletes a version of an application: its credentials are refused from then on, so that whoever uses it must update.
// Tokens belong to the application: another version of it goes on using them.
import { notFound } from '../../../platform/errors.ts';
import { isId, requireId } from '../../../platform/ids.ts';
import { requireText } from '../../../platform/text.ts';
import type { AuthDatabase } from '../auth-parts.ts';
import type { ApplicationModel } from '../models.ts';
import { deleteVersionRow, lockApplication } from './store.ts';

export interface DeleteApplicationVersionInput {
  readonly applicationId: string;
  /** An id or a name. */
  readonly version: string;
}

/** The application. A name that looks like an id counts as one only when no version has that id. */
export async function deleteApplicationVersion(
  database: AuthDatabase,
  input: DeleteApplicationVersionInput,
): Promise<ApplicationModel> {
  const applicationId = requireId(input.applicationId, 'input.applicationId');
  const name = requireText(input.version, 'input.version', { least: 1, most: 100 });
  return database.write(async (tx) => {
    const application = await lockApplication(tx.db, applicationId);
    if (application === null) throw notFound('Application', 'input.applicationId');
    const byId = isId(name) ? await deleteVersionRow(tx.db, { applicationId, id: name }) : null;
    const versionId = byId ?? (await deleteVersionRow(tx.db, { applicationId, name }));
    if (versionId === null) throw notFound('Version', 'input.version');
    tx.publish({ type: 'application_version_deleted', content: { applicationId, versionId } });
    return application;
  });
}
