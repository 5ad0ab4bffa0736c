// Passkeys: WebAuthn level 2 as `@simplewebauthn/server` implements it. What a browser sends is checked here; when it
// counts, and that each challenge is good once, is decided by who asks.
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import type { Config } from '../../../platform/config.ts';
import { invariant } from '../../../platform/errors.ts';
import type { Passkey, StoredMethod } from './store.ts';

/** EdDSA, ES256 and RS256, which every device has one of. */
const algorithms = [-8, -7, -257];
const timeoutMilliseconds = 300_000;
const knownTransports = new Set(['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb']);
const relyingParty = 'Caregraph';

/** Its 25 MB are loaded when somebody uses a passkey, not before. */
const load = () => import('@simplewebauthn/server');

interface Party {
  readonly rpID: string;
  readonly origins: string[];
}

/** What passkeys are bound to, and where they may be used. */
function partyOf({ publicUrl, passkeyRpId, passkeyOrigins }: Config): Party {
  invariant(publicUrl !== undefined, 'the composition root knows where clients reach the gateway');
  const { hostname, origin } = new URL(publicUrl);
  return { rpID: passkeyRpId ?? hostname, origins: [origin, ...passkeyOrigins] };
}

export interface RegistrationStart {
  readonly userId: string;
  /** What the user calls it; devices show it. */
  readonly name: string | null;
  /** The user's passkeys: a device that holds one of them offers itself no second time. */
  readonly known: readonly Passkey[];
}

/** The options for `navigator.credentials.create`; their challenge has to be kept. */
export async function registrationOptions(
  config: Config,
  { userId, name, known }: RegistrationStart,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const { generateRegistrationOptions } = await load();
  return generateRegistrationOptions({
    rpName: relyingParty,
    rpID: partyOf(config).rpID,
    userName: name ?? relyingParty,
    userDisplayName: name ?? relyingParty,
    userID: new Uint8Array(Buffer.from(userId.replaceAll('-', ''), 'hex')),
    timeout: timeoutMilliseconds,
    attestationType: 'none',
    excludeCredentials: known.map(descriptor),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
    supportedAlgorithmIDs: algorithms,
  });
}

export interface Signed {
  /** The JSON that the browser made; anything at all, until it was checked. */
  readonly credential: unknown;
  readonly challenge: string;
}

/** The new passkey; null when the credential does not answer the challenge. */
export async function verifyRegistration(config: Config, { credential, challenge }: Signed): Promise<Passkey | null> {
  const { verifyRegistrationResponse } = await load();
  const { rpID, origins } = partyOf(config);
  // The library throws for whatever is wrong, from a missing field to a false signature.
  const { registrationInfo } = await verifyRegistrationResponse({
    response: credential as RegistrationResponseJSON,
    expectedChallenge: challenge,
    expectedOrigin: origins,
    expectedRPID: rpID,
    requireUserVerification: false,
    supportedAlgorithmIDs: algorithms,
  }).catch(() => ({ registrationInfo: undefined }));
  if (registrationInfo === undefined) return null;
  const { id, publicKey, counter, transports = [] } = registrationInfo.credential;
  const known = Array.isArray(transports) ? transports.filter((transport) => knownTransports.has(transport)) : [];
  return { credentialId: id, publicKey, counter, transports: known };
}

/** The options for `navigator.credentials.get`; their challenge has to be kept. */
export async function requestOptions(
  config: Config,
  known: readonly Passkey[],
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const { generateAuthenticationOptions } = await load();
  return generateAuthenticationOptions({
    rpID: partyOf(config).rpID,
    allowCredentials: known.map(descriptor),
    timeout: timeoutMilliseconds,
    userVerification: 'preferred',
  });
}

/** A passkey that has signed a challenge. */
export interface UsedPasskey {
  readonly methodId: string;
  /** What the device says of how often it was used; 0 from devices that do not count. */
  readonly counter: number;
}

/**
 * Which of the methods has signed the challenge; undefined when none has, and when its device has counted backwards, as
 * a copy of it would.
 */
export async function verifyAssertion(
  config: Config,
  methods: readonly StoredMethod[],
  { credential, challenge }: Signed,
): Promise<UsedPasskey | undefined> {
  const response = credential as AuthenticationResponseJSON;
  const method = methods.find(({ passkey }) => passkey !== null && passkey.credentialId === response.id);
  if (method === undefined || method.passkey === null) return undefined;
  const { verifyAuthenticationResponse } = await load();
  const { rpID, origins } = partyOf(config);
  const { credentialId, publicKey, counter } = method.passkey;
  const result = await verifyAuthenticationResponse({
    response,
    expectedChallenge: challenge,
    expectedOrigin: origins,
    expectedRPID: rpID,
    credential: { id: credentialId, publicKey, counter },
    requireUserVerification: false,
  }).catch(() => undefined);
  if (result?.verified !== true) return undefined;
  return { methodId: method.model.id, counter: result.authenticationInfo.newCounter };
}

function descriptor({ credentialId, transports }: Passkey): { id: string; transports: string[] } {
  return { id: credentialId, transports };
}
