// The cookie that tells one browser from another while its user signs in and agrees.
import { parse, serialize } from 'cookie';
import { pageSeconds } from './flow.ts';

/** Over HTTPS with the prefix that keeps other hosts of the domain from setting it (RFC 6265bis §4.1.3.2). */
function nameFor(secure: boolean): string {
  return secure ? '__Host-caregraph-consent' : 'caregraph-consent';
}

/** What the browser's cookie holds; undefined without one. */
export function findBrowser(cookies: string | undefined, secure: boolean): string | undefined {
  const value = cookies === undefined ? undefined : parse(cookies)[nameFor(secure)];
  return value !== undefined && /^[0-9a-f]{40}$/.test(value) ? value : undefined;
}

/**
 * The Set-Cookie header. `Lax`, because an application sends users here from its own site: `Strict` would make each such
 * visit look like a new browser, and break the pages that are open in other tabs.
 */
export function browserCookie(browser: string, secure: boolean): string {
  return serialize(nameFor(secure), browser, { ...attributes, secure, maxAge: pageSeconds });
}

/** The Set-Cookie header that takes the cookie away: every page of the browser is void. */
export function endedCookie(secure: boolean): string {
  return serialize(nameFor(secure), '', { ...attributes, secure, maxAge: 0 });
}

const attributes = { httpOnly: true, sameSite: 'lax', path: '/' } as const;
