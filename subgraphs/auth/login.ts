// Signs in with an e-mail address and a password. Whether they fit is for the service `users` to say.
import { AppError } from '../../platform/errors.ts';
import { requireText } from '../../platform/text.ts';
import { type SessionParts, type SignedIn, startSession } from './start-session.ts';

export interface LoginParts extends SessionParts {
  /** The id of the user whose address and password these are, or null. */
  readonly checkPassword: (email: string, password: string) => Promise<string | null>;
}

export interface LoginInput {
  readonly email: string;
  readonly password: string;
}

/** Generous, so that no password that was ever allowed is refused; it keeps the hash from working on megabytes. */
const limits = { least: 1, most: 1_000 };

/** INVALID_CREDENTIALS for an unknown address as for a wrong password. `now` is in epoch milliseconds. */
export async function login(parts: LoginParts, input: LoginInput, now: number): Promise<SignedIn> {
  const email = requireText(input.email, 'input.email', limits);
  const password = requireText(input.password, 'input.password', limits);
  const userId = await parts.checkPassword(email, password);
  if (userId === null) throw new AppError('INVALID_CREDENTIALS', undefined, { code: 106 });
  return startSession(parts, userId, now);
}
