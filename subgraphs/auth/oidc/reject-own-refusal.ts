// What `users` refuses of a provider's user, in terms of what the client sent: it gave a code, not an address or a subject.
import { AppError } from '../../../platform/errors.ts';

const messages: Readonly<Record<number, string>> = {
  17: 'Somebody else is linked to this user of the provider.',
  203: 'An account that is not linked has this e-mail address: sign in with its password, and link it.',
};

/** Throws the error as it is told; what names no field stays as it is. */
export function rejectOwnRefusal(error: unknown): never {
  if (!(error instanceof AppError) || error.details?.field === undefined) throw error;
  // What is wrong with an address or a name is the provider's fault.
  if (error.code === 'BAD_USER_INPUT') throw new AppError('OIDC_PROVIDER_RESPONSE', undefined, { code: 138 });
  const { field: _, ...details } = error.details;
  throw new AppError(error.code, messages[details.code ?? 0], details, { cause: error });
}
