// The token endpoint (RFC 6749 §3.2): a client proves to be itself and exchanges a grant for tokens.
import { AppError, invalidInput } from '../../../../platform/errors.ts';
import { requireId } from '../../../../platform/ids.ts';
import type { AuthParts } from '../../auth-parts.ts';
import { redeemChallenge } from '../../mfa/redeem-challenge.ts';
import type { SignedIn } from '../../sessions/start-session.ts';
import type { Authentication } from '../../users-service.ts';
import type { OAuth2Client } from '../authenticate-client.ts';
import { redeemCode } from '../redeem-code.ts';
import { refreshApplicationSession } from '../refresh-application-session.ts';
import { signInForApplication } from '../sign-in-for-application.ts';
import { startApplicationSession } from '../start-application-session.ts';
import { requireClient, type TokenRequest } from './client-credentials.ts';
import { findParameter, type Parameters, requireParameter } from './parameters.ts';

interface GrantRequest {
  readonly client: OAuth2Client;
  readonly parameters: Parameters;
  /** Epoch milliseconds. */
  readonly now: number;
}

type Grant = (parts: AuthParts, request: GrantRequest) => Promise<SignedIn>;

const grants = {
  password: async (parts, { client, parameters, now }) => {
    const email = requireParameter(parameters, 'username');
    const password = requireParameter(parameters, 'password');
    const authentication = await signInForApplication(parts, { client, email, password }, now);
    return startPasswordSession(parts, { client, authentication }, now);
  },
  mfa: async (parts, { client, parameters, now }) => {
    const token = requireParameter(parameters, 'token');
    const methodId = requireId(requireParameter(parameters, 'method_id'), 'method_id');
    const credential = credentialOf(parameters);
    const code = credential === null ? requireParameter(parameters, 'code') : null;
    const { applicationId } = client;
    const authentication = await redeemChallenge(parts, { token, methodId, code, credential, applicationId, now });
    return startPasswordSession(parts, { client, authentication }, now);
  },
  authorization_code: (parts, { client, parameters, now }) => {
    const code = requireParameter(parameters, 'code');
    const redirectUri = findParameter(parameters, 'redirect_uri', 2_048);
    const codeVerifier = findParameter(parameters, 'code_verifier');
    return redeemCode(parts, { client, code, redirectUri, codeVerifier }, now);
  },
  refresh_token: (parts, { client, parameters, now }) =>
    refreshApplicationSession(parts, { client, refreshToken: requireParameter(parameters, 'refresh_token') }, now),
} as const satisfies Record<string, Grant>;

export const grantTypes = Object.keys(grants);

/** The body of the answer; AppErrors otherwise (oauth-errors.ts says how they are told). */
export async function answerTokenRequest(
  parts: AuthParts,
  request: TokenRequest,
  now: number,
): Promise<Record<string, unknown>> {
  const { parameters } = request;
  const client = await requireClient(parts, request);
  const grantType = requireParameter(parameters, 'grant_type');
  if (!Object.hasOwn(grants, grantType)) {
    const message = `grant_type: one of ${grantTypes.join(', ')} is supported.`;
    throw new AppError('BAD_USER_INPUT', message, { field: 'grant_type', code: 121 });
  }
  const grant: Grant = grants[grantType as keyof typeof grants];
  const { userId, tokens } = await grant(parts, { client, parameters, now });
  return {
    access_token: tokens.accessToken,
    token_type: 'bearer',
    expires_in: client.lifetimes.access,
    refresh_token: tokens.refreshToken,
    user_id: userId,
    application_id: client.applicationId,
  };
}

function startPasswordSession(
  { database }: AuthParts,
  start: { readonly client: OAuth2Client; readonly authentication: Authentication },
  now: number,
): Promise<SignedIn> {
  return database.write((tx) => startApplicationSession(tx, { ...start, kind: 'PASSWORD' }, now));
}

/** What a passkey has signed: JSON as text, in a form as in JSON. */
function credentialOf(parameters: Parameters): Record<string, unknown> | null {
  const text = findParameter(parameters, 'credential', 20_000);
  if (text === undefined) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw invalidInput('credential', 'it must be a JSON object as text.');
}
