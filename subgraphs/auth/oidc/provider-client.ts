// Speaks OpenID Connect with a provider: where to send a user, and what the code is worth that the provider sends back
// (OpenID Connect Core 1.0, code flow; PKCE by RFC 7636). Knows no tables.
import type { Configuration } from 'openid-client';
import { AppError } from '../../../platform/errors.ts';
import type { Logger } from '../../../platform/subgraph/context.ts';
import type { OidcSubject } from '../users-service.ts';

export interface ProviderSettings {
  readonly id: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly issuerId: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly userinfoEndpoint: string;
  readonly redirectUri: string;
}

/** What was remembered when the user was sent away. */
export interface SentAway {
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** Seconds. */
const patience = 10;

const signatures = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'Ed25519',
  'EdDSA',
];

/** Loaded when the first user comes: most installations have no provider. */
const library = () => import('openid-client');

async function configure(provider: ProviderSettings): Promise<Configuration> {
  const { allowInsecureRequests, ClientSecretBasic, Configuration } = await library();
  const server = {
    issuer: provider.issuerId,
    authorization_endpoint: provider.authorizationEndpoint,
    token_endpoint: provider.tokenEndpoint,
    userinfo_endpoint: provider.userinfoEndpoint,
    // Which of them a provider uses is its own affair; unsigned tokens are none of them.
    id_token_signing_alg_values_supported: signatures,
  };
  const configuration = new Configuration(server, provider.clientId, {}, ClientSecretBasic(provider.clientSecret));
  configuration.timeout = patience;
  // Such an address was taken outside production only.
  if (provider.tokenEndpoint.startsWith('http:')) allowInsecureRequests(configuration);
  return configuration;
}

export async function authenticationUrl(
  provider: ProviderSettings,
  { state, nonce, codeVerifier }: SentAway & { readonly state: string },
): Promise<string> {
  const { buildAuthorizationUrl, calculatePKCECodeChallenge } = await library();
  const url = buildAuthorizationUrl(await configure(provider), {
    redirect_uri: provider.redirectUri,
    scope: 'openid email profile',
    code_challenge: await calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  });
  return url.href;
}

export interface SentBack extends SentAway {
  readonly code: string;
  readonly state: string;
}

/**
 * Who has signed in. OIDC_CODE_INVALID for a code that the provider refuses, OIDC_ID_TOKEN_INVALID and
 * OIDC_NONCE_INVALID for an identity token that is not for this sign-in, else OIDC_PROVIDER_RESPONSE. The identity token
 * comes from the provider itself, over TLS, which the standard takes instead of checking its signature (§3.1.3.7, 6).
 */
export async function redeemCode(
  provider: ProviderSettings,
  { code, state, nonce, codeVerifier }: SentBack,
  log: Pick<Logger, 'warn'>,
): Promise<OidcSubject> {
  try {
    const { authorizationCodeGrant, fetchUserInfo } = await library();
    const configuration = await configure(provider);
    const cameTo = new URL(provider.redirectUri);
    cameTo.searchParams.set('code', code);
    cameTo.searchParams.set('state', state);
    const tokens = await authorizationCodeGrant(configuration, cameTo, {
      expectedNonce: nonce,
      expectedState: state,
      pkceCodeVerifier: codeVerifier,
      idTokenExpected: true,
    });
    const subjectId = tokens.claims()?.sub ?? '';
    const about = await fetchUserInfo(configuration, tokens.access_token, subjectId);
    return {
      providerId: provider.id,
      subjectId,
      email: about.email,
      emailVerified: about.email_verified === true,
      firstName: about.given_name,
      lastName: about.family_name,
    };
  } catch (error) {
    const refusal = refusalFor(error);
    // The error itself may hold what the provider answered, and that is about a person.
    log.warn(
      { providerId: provider.id, code: refusal.code, reason: reasonOf(error) },
      'a sign-in by a provider failed',
    );
    throw refusal;
  }
}

interface Fault {
  readonly code?: unknown;
  readonly error?: unknown;
  readonly cause?: unknown;
}

function refusalFor(error: unknown): AppError {
  const { code, error: answered, cause } = error as Fault;
  if (code === 'OAUTH_RESPONSE_BODY_ERROR' && answered === 'invalid_grant') {
    return new AppError('OIDC_CODE_INVALID', undefined, { field: 'input.authorizationCode', code: 139 });
  }
  if (code === 'OAUTH_JWT_CLAIM_COMPARISON_FAILED') {
    return claimOf(cause) === 'nonce'
      ? new AppError('OIDC_NONCE_INVALID', undefined, { code: 137 })
      : new AppError('OIDC_ID_TOKEN_INVALID', undefined, { code: 136 });
  }
  if (code === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED' || isAboutIdToken(error)) {
    return new AppError('OIDC_ID_TOKEN_INVALID', undefined, { code: 136 });
  }
  return new AppError('OIDC_PROVIDER_RESPONSE', undefined, { code: 138 });
}

/** The claim that does not fit: the library wraps what it found. */
function claimOf(cause: unknown): unknown {
  const { claim, cause: deeper } = (cause ?? {}) as { claim?: unknown; cause?: unknown };
  return claim ?? (deeper === undefined ? undefined : claimOf(deeper));
}

function isAboutIdToken(error: unknown): boolean {
  return error instanceof Error && /\bJWT\b|ID Token|id_token/.test(`${error.message} ${causeText(error)}`);
}

function causeText({ cause }: Error): string {
  return cause instanceof Error ? cause.message : '';
}

/** Names of kinds only. */
function reasonOf(error: unknown): string {
  const { code, error: answered } = error as Fault;
  return [error instanceof Error ? error.name : 'unknown', code, answered]
    .filter((part) => typeof part === 'string')
    .join(' ');
}
