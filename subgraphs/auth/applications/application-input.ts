// What applications are made of, checked. BAD_USER_INPUT names the field at fault.
import { invalidInput } from '../../../platform/errors.ts';
import { requireText } from '../../../platform/text.ts';
import type { ApplicationModel } from '../models.ts';

type ApplicationType = ApplicationModel['type'];

export function requireName(name: string, field = 'input.name'): string {
  return requireText(name, field, { least: 1, most: 100 });
}

export function requireDescription(description: string): string {
  return requireText(description, 'input.description', { least: 1, most: 250 });
}

/** Free text; null for none. */
export function requireLogo(logo: string | null | undefined): string | null {
  return typeof logo === 'string' ? requireText(logo, 'input.logo', { most: 2_048 }) : null;
}

/** Schemes that make a browser run or show what the address itself holds, or what lies on the user's device. */
const refusedSchemes = new Set(
  'about: blob: data: feed: file: filesystem: jar: javascript: livescript: mocha: vbscript: view-source:'.split(' '),
);
const printable = /^[\x21-\x7e]+$/;

/** 1 to 50 different ones for OAuth 2, none for OAuth 1. Schemes of an app's own are allowed (RFC 8252 §7.1). */
export function requireRedirectUris(type: ApplicationType, uris: readonly string[] | null | undefined): string[] {
  const field = 'input.redirectUris';
  if (type === 'OAUTH1') {
    if (uris === null || uris === undefined) return [];
    throw invalidInput(field, 'an OAuth 1 application has none.');
  }
  const distinct = [...new Set(uris)];
  if (distinct.length === 0) throw invalidInput(field, 'an OAuth 2 application needs at least one.', { code: 14 });
  if (distinct.length > 50) throw invalidInput(field, 'at most 50 are allowed.');
  for (const [index, uri] of distinct.entries()) requireRedirectUri(uri, `${field}.${index}`);
  return distinct;
}

function requireRedirectUri(uri: string, field: string): void {
  if (uri.length > 2_048) throw invalidInput(field, 'at most 2048 characters are allowed.');
  // White space and control characters, which browsers take out, could hide a scheme.
  if (!printable.test(uri) || !/^[a-z][a-z0-9+.-]*:./i.test(uri) || !URL.canParse(uri)) {
    throw invalidInput(field, 'this is not an absolute address.');
  }
  if (uri.includes('#')) throw invalidInput(field, 'it must have no fragment (#).');
  const { protocol, host } = new URL(uri);
  if (refusedSchemes.has(protocol)) throw invalidInput(field, `addresses of the kind ${protocol} are not allowed.`);
  if (/^https?:$/.test(protocol) && (host === '' || !/^https?:\/\/[^/]/i.test(uri))) {
    throw invalidInput(field, 'this is not an absolute address.');
  }
}
