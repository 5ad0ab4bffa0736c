// Where a user is on the way from an application's request to consent. It travels through the pages as a sealed form
// field, so nothing is kept here until the user agrees; it is bound to a cookie of the browser that started it, so nobody
// can make another browser go on with it (cross-site request forgery).

import type { Sealing } from '../../../../platform/sealing.ts';
import { hashToken, newToken } from '../../tokens.ts';
import type { Authentication } from '../../users-service.ts';

/** What the application asked for, as it was given. */
export interface AskedFor {
  readonly clientId: string;
  readonly redirectUri: string | null;
  readonly responseType: string;
  readonly state: string | null;
  readonly codeChallenge: string | null;
  readonly codeChallengeMethod: string | null;
}

export interface ChallengeMethod {
  readonly id: string;
  readonly type: 'TOTP' | 'RECOVERY_CODES' | 'PASSKEY';
  readonly name: string | null;
}

export type Step =
  | { readonly name: 'sign-in' }
  | {
      readonly name: 'second-factor';
      readonly email: string;
      /** Of the challenge. */
      readonly token: string;
      readonly methods: readonly ChallengeMethod[];
    }
  | { readonly name: 'consent'; readonly email: string; readonly authentication: Authentication };

export interface Flow {
  readonly asked: AskedFor;
  readonly step: Step;
}

/** A page may be filled in for so long. */
export const pageSeconds = 600;

export interface Flows {
  /** `browser` is what the cookie holds; `now` is in epoch milliseconds. */
  seal(flow: Flow, browser: string, now: number): string;
  /** Null for what was not sealed here, has expired, or was started by another browser. */
  open(sealed: string, browser: string, now: number): Flow | null;
}

interface Sealed {
  readonly flow: Flow;
  readonly browserHash: string;
  readonly expiresAt: number;
}

export function createFlows(sealing: Sealing): Flows {
  return {
    seal(flow, browser, now) {
      const content: Sealed = { flow, browserHash: hashToken(browser), expiresAt: now + pageSeconds * 1_000 };
      return sealing.seal(JSON.stringify(content));
    },
    open(sealed, browser, now) {
      const content = opened(sealing, sealed);
      if (content === null || content.browserHash !== hashToken(browser) || content.expiresAt <= now) return null;
      return content.flow;
    },
  };
}

function opened(sealing: Sealing, sealed: string): Sealed | null {
  try {
    return JSON.parse(sealing.open(sealed)) as Sealed;
  } catch {
    return null;
  }
}

/** For a browser that has no cookie yet. */
export const newBrowser = newToken;
