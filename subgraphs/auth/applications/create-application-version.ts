// Creates a version of an application with credentials of its own. Its secret is in the answer, and never again.
import { AppError, notFound } from '../../../platform/errors.ts';
import { newId, requireId } from '../../../platform/ids.ts';
import type { AuthParts } from '../auth-parts.ts';
import type { ApplicationModel, ApplicationVersionModel } from '../models.ts';
import { hashToken, newToken } from '../tokens.ts';
import { requireName } from './application-input.ts';
import { insertVersion, lockApplication } from './store.ts';

export interface CreateApplicationVersionInput {
  readonly applicationId: string;
  readonly name: string;
}

export interface NewVersion {
  readonly version: ApplicationVersionModel;
  readonly clientSecret: string | null;
  readonly consumerSecret: string | null;
}

/** ALREADY_EXISTS when another version of the application has the name. */
export async function createApplicationVersion(
  { database, sealing }: AuthParts,
  input: CreateApplicationVersionInput,
): Promise<NewVersion> {
  const applicationId = requireId(input.applicationId, 'input.applicationId');
  const name = requireName(input.name);
  const [id, key, secret] = [newId(), newToken(), newToken()];
  const sealedSecret = sealing.seal(secret);
  return database.write(async (tx) => {
    const application = await lockApplication(tx.db, applicationId);
    if (application === null) throw notFound('Application', 'input.applicationId');
    const { oauth1, confidential } = kindOf(application);
    const version = await insertVersion(tx.db, {
      id,
      applicationId,
      name,
      key,
      secretHash: confidential ? hashToken(secret) : null,
      sealedSecret: oauth1 ? sealedSecret : null,
    });
    if (version === null) {
      const field = 'input.name';
      throw new AppError('ALREADY_EXISTS', `${field}: another version has this name.`, { field, code: 17 });
    }
    tx.publish({ type: 'application_version_created', content: { applicationId, versionId: id } });
    return { version, clientSecret: confidential ? secret : null, consumerSecret: oauth1 ? secret : null };
  });
}

/** A public application could not keep a secret: it gets none. */
function kindOf({ type, confidential }: ApplicationModel): { oauth1: boolean; confidential: boolean } {
  return { oauth1: type === 'OAUTH1', confidential: type === 'OAUTH2' && confidential };
}
