// What becomes of a user's sign-ins when the way in has changed: a new password, a link to a provider, or no account.
// What was started before is refused from that moment on, by its credential version; here it is tidied away, and told.
import { invariant } from '../../platform/errors.ts';
import type { EventHandlers, LogEvent } from '../../platform/events/event.ts';
import { isId } from '../../platform/ids.ts';
import type { AuthParts } from './auth-parts.ts';
import { deleteHeld } from './cleanup-store.ts';
import { forgetSecondFactors } from './mfa/forget-user.ts';
import { endSessions } from './sessions/end-session.ts';

/** Each may be told of an event twice: the second time finds nothing. */
export function massLogoutHandlers(parts: AuthParts): EventHandlers {
  const endOlder = (event: LogEvent) => endOlderSignIns(parts, userOf(event));
  return {
    user_deleted: (event) => forgetUser(parts, userOf(event)),
    password_reset_completed: endOlder,
    user_oidc_linked: endOlder,
    user_oidc_unlinked: endOlder,
  };
}

/** The event may be told late: whoever has signed in again since stays signed in. */
async function endOlderSignIns(parts: AuthParts, userId: string): Promise<void> {
  const before = await parts.users.findCredentialVersion(userId);
  // Another event tells of users who are gone.
  if (before !== null) await endSignIns(parts, userId, before);
}

async function forgetUser(parts: AuthParts, userId: string): Promise<void> {
  await endSignIns(parts, userId, undefined);
  await parts.database.write((tx) => forgetSecondFactors(tx, userId));
}

async function endSignIns({ database, clock }: AuthParts, userId: string, before: number | undefined): Promise<void> {
  const older = before === undefined ? {} : { credentialVersion: { lt: before } };
  await database.write(async (tx) => {
    // Sessions first: whoever is making a token out of one holds it, and what is made meanwhile is deleted after it.
    await endSessions(tx, { userId, ...older }, clock());
    await deleteHeld(tx.db, { userId, before });
  });
}

function userOf({ type, content: { userId } }: LogEvent): string {
  invariant(isId(userId), `${type} names the user`);
  return userId;
}
