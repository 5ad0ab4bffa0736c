// The parts of a provider as operators enter them, checked.
import { invalidInput } from '../../../platform/errors.ts';
import { requireText } from '../../../platform/text.ts';
import type { AuthParts } from '../auth-parts.ts';
import type { ProviderColumns } from './store.ts';

export interface ProviderInput {
  readonly name?: string | null;
  readonly description?: string | null;
  readonly clientId?: string | null;
  readonly clientSecret?: string | null;
  readonly issuerId?: string | null;
  readonly authorizationEndpoint?: string | null;
  readonly tokenEndpoint?: string | null;
  readonly userinfoEndpoint?: string | null;
  readonly redirectUri?: string | null;
}

const nameShape = /^[a-zA-Z0-9_-]{3,40}$/;
const long = { least: 1, most: 2_048 };
const addresses = ['issuerId', 'authorizationEndpoint', 'tokenEndpoint', 'userinfoEndpoint'] as const;

/** What is given, as it is stored; null counts as left out. BAD_USER_INPUT names what is not valid. */
export function readProviderInput(
  { sealing, config }: Pick<AuthParts, 'sealing' | 'config'>,
  input: ProviderInput,
): Partial<ProviderColumns> {
  const columns: { -readonly [K in keyof ProviderColumns]?: ProviderColumns[K] } = {};
  if (typeof input.name === 'string') columns.name = requireName(input.name);
  if (typeof input.description === 'string') {
    columns.description = requireText(input.description, 'input.description', { most: 256 });
  }
  if (typeof input.clientId === 'string') columns.clientId = requireText(input.clientId, 'input.clientId', long);
  if (typeof input.clientSecret === 'string') {
    const secret = requireText(input.clientSecret, 'input.clientSecret', long);
    columns.sealedSecret = sealing.seal(secret);
    // Of a short secret, four characters would give too much away.
    columns.clientSecretHint = secret.length >= 12 ? secret.slice(-4) : '';
  }
  for (const name of addresses) {
    const value = input[name];
    if (typeof value === 'string') columns[name] = requireAddress(value, `input.${name}`, config.production);
  }
  if (typeof input.redirectUri === 'string') columns.redirectUri = requireRedirectUri(input.redirectUri);
  return columns;
}

function requireName(name: string): string {
  if (!nameShape.test(name)) throw invalidInput('input.name', 'a name has 3 to 40 letters, digits, _ and -.');
  return name;
}

/** What is sent there is secret: without encryption only while nothing is at stake. */
function requireAddress(value: string, field: string, production: boolean): string {
  const { protocol } = requireUrl(value, field);
  if (protocol === 'https:' || (protocol === 'http:' && !production)) return value;
  throw invalidInput(field, 'an address that starts with https:// is needed.');
}

/** Where the user comes back to is the application's affair: an app on a phone has an address of a scheme of its own. */
function requireRedirectUri(value: string): string {
  const field = 'input.redirectUri';
  const url = requireUrl(value, field);
  if (['javascript:', 'data:', 'vbscript:', 'file:', 'blob:'].includes(url.protocol)) {
    throw invalidInput(field, 'users cannot be sent to an address of this kind.');
  }
  // The code is redeemed for the bare address, so a provider would find that the two differ.
  if (value.includes('#') || value.includes('?'))
    throw invalidInput(field, 'it must have neither a query nor a fragment.');
  return value;
}

function requireUrl(value: string, field: string): URL {
  if (!URL.canParse(requireText(value, field, long))) throw invalidInput(field, 'this is not an absolute address.');
  return new URL(value);
}
