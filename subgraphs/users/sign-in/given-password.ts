// A password that somebody enters to prove who they are. The policy does not apply: it is for new ones.
import { requireText } from '../../../platform/text.ts';

/** Generous, so that no password that was ever allowed is refused; it keeps the hash from working on megabytes. */
const limits = { least: 1, most: 1_000 };

export function requireGivenPassword(password: string, field: string): string {
  return requireText(password, field, limits);
}
