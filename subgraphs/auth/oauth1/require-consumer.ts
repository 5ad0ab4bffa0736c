// An application that calls for itself: the request is signed with its consumer key and secret alone, without a token.
import { AppError } from '../../../platform/errors.ts';
import type { Identity } from '../../../platform/identity/identity.ts';

/** The id of the application, or UNAUTHENTICATED. */
export function requireConsumer({ applicationId, userId }: Identity): string {
  if (applicationId === undefined || userId !== undefined) {
    const says = 'The request must be signed with the consumer key and secret of an OAuth 1 application alone.';
    throw new AppError('UNAUTHENTICATED', says, { code: 101 });
  }
  return applicationId;
}
