// Signs in with what a provider sent back, and keeps a record of the attempt, however it ends.
import { AppError } from '../../../platform/errors.ts';
import { newId } from '../../../platform/ids.ts';
import type { AuthParts, AuthTransaction } from '../auth-parts.ts';
import { authenticateClient, type OAuth2Client } from '../oauth2/authenticate-client.ts';
import { startApplicationSession } from '../oauth2/start-application-session.ts';
import { type SignedIn, startSession } from '../sessions/start-session.ts';
import { apiLifetimes, newTokens } from '../tokens.ts';
import type { Authentication } from '../users-service.ts';
import { getEnabledProvider } from './get-enabled-provider.ts';
import { rejectOwnRefusal } from './reject-own-refusal.ts';
import { insertAttempt, type NewAttempt, type ProviderWithSecret } from './store.ts';
import { type Callback, requireCallback, verifyCallback } from './verify-callback.ts';

export interface LoginWithOidcInput extends Callback {
  readonly providerName: string;
  readonly clientId?: string | null;
  readonly clientSecret?: string | null;
}

/**
 * Errors of the provider as verifyCallback has them; ALREADY_EXISTS when the e-mail address belongs to an account that is
 * not linked; CLIENT_UNKNOWN for an application that does not prove to be itself. `now` is in epoch milliseconds.
 */
export async function loginWithOidc(parts: AuthParts, input: LoginWithOidcInput, now: number): Promise<SignedIn> {
  const callback = requireCallback(input);
  const provider = await getEnabledProvider(parts, input.providerName);
  const client = await findClient(parts, input);
  let subjectId: string | null = null;
  try {
    const subject = await verifyCallback(parts, provider, { ...callback, now });
    subjectId = subject.subjectId;
    const authentication = await parts.users.authenticateWithOidc(subject).catch(rejectOwnRefusal);
    const { userId } = authentication;
    return await parts.database.write(async (tx) => {
      await insertAttempt(tx.db, { ...attemptAt(provider, subjectId), status: 'SUCCESS', userId });
      return start(tx, { parts, authentication, client, now });
    });
  } catch (error) {
    // What was never begun here is no attempt: anybody could fill the records with it.
    if (!isUnknownState(error)) await recordFailure(parts, { ...attemptAt(provider, subjectId), ...faultOf(error) });
    throw error;
  }
}

async function findClient(
  parts: AuthParts,
  { clientId, clientSecret }: LoginWithOidcInput,
): Promise<OAuth2Client | null> {
  if (typeof clientId !== 'string') return null;
  return authenticateClient(parts, { clientId, clientSecret: clientSecret ?? undefined });
}

interface Start {
  readonly parts: AuthParts;
  readonly authentication: Authentication;
  readonly client: OAuth2Client | null;
  readonly now: number;
}

function start(tx: AuthTransaction, { parts, authentication, client, now }: Start): Promise<SignedIn> {
  const kind = 'OIDC';
  if (client !== null) return startApplicationSession(tx, { authentication, kind, client }, now);
  return startSession(tx, { authentication, kind, application: null }, newTokens(apiLifetimes(parts.config), now));
}

function attemptAt({ id: providerId, name: providerName }: ProviderWithSecret, subjectId: string | null): NewAttempt {
  const none = { userId: null, errorCode: null, errorMessage: null };
  return { id: newId(), status: 'FAILED', providerId, providerName, providerSubjectId: subjectId, ...none };
}

function isUnknownState(error: unknown): boolean {
  return error instanceof AppError && error.code === 'OIDC_NONCE_INVALID' && error.details?.field === 'input.state';
}

function faultOf(error: unknown): Pick<NewAttempt, 'errorCode' | 'errorMessage'> {
  return error instanceof AppError
    ? { errorCode: error.code, errorMessage: error.message }
    : { errorCode: 'INTERNAL_SERVER_ERROR', errorMessage: null };
}

/** The user is to hear of the first failure, not of this one. */
async function recordFailure({ database, log }: AuthParts, attempt: NewAttempt): Promise<void> {
  await insertAttempt(database.db, attempt).catch((error: unknown) =>
    log.error({ err: error }, 'a failed sign-in by a provider could not be recorded'),
  );
}
