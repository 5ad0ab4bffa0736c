// Tokens: opaque random text for clients, of which this service keeps nothing but hashes.
import { createHash, randomBytes } from 'node:crypto';
import type { Config } from '../../platform/config.ts';

/** How long tokens are good for, in seconds. */
export interface TokenLifetimes {
  readonly access: number;
  readonly refresh: number;
}

/** An access token and the refresh token that goes with it. */
export interface TokenPair {
  readonly accessToken: string;
  readonly accessTokenExpiresAt: Date;
  readonly refreshToken: string;
  readonly refreshTokenExpiresAt: Date;
}

/** `now` is in epoch milliseconds. */
export function newTokens(lifetimes: TokenLifetimes, now: number): TokenPair {
  return {
    accessToken: newToken(),
    accessTokenExpiresAt: new Date(now + lifetimes.access * 1_000),
    refreshToken: newToken(),
    refreshTokenExpiresAt: new Date(now + lifetimes.refresh * 1_000),
  };
}

/** SHA-256 in hexadecimal. Tokens are 160 random bits, so nothing slower is needed. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** 40 hexadecimal characters. */
export function newToken(): string {
  return randomBytes(20).toString('hex');
}

/** Of sign-ins over the API itself, and of public clients. */
export function apiLifetimes(config: Config): TokenLifetimes {
  return { access: config.accessTokenSeconds, refresh: config.refreshTokenSeconds };
}
