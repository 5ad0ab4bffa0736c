// The chain of the access log: each entry's hash covers the entry and the hash before it, so that no entry can be
// changed, added or removed between others without the hashes telling. They are made with a key (HMAC-SHA256) that is not
// in the database: who has the database alone cannot make them anew.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { AccessEntry } from '../../../platform/access-log/access-entry.ts';
import { deriveKey } from '../../../platform/derive-key.ts';

/** What comes before the first entry. */
export const beginning: Uint8Array = new Uint8Array(32);

export interface ChainedEntry {
  /** 1, 2, 3 … without gaps. */
  readonly sequence: bigint;
  readonly entry: AccessEntry;
}

/** Where the log begins and ends. */
export interface ChainEnds {
  /** Of the last entry that was dropped by age; 0 and `beginning`: none was. */
  readonly firstSequence: bigint;
  readonly firstHash: Uint8Array;
  readonly lastSequence: bigint;
  readonly lastHash: Uint8Array;
}

export interface Chain {
  /** The hash of an entry that follows the one with the hash `previous`. 32 bytes. */
  hash(previous: Uint8Array, chained: ChainedEntry): Uint8Array<ArrayBuffer>;
  /** Of both ends: without the key they cannot be moved. 32 bytes. */
  seal(ends: ChainEnds): Uint8Array<ArrayBuffer>;
}

export function createChain(serviceSecret: string): Chain {
  const key = deriveKey(serviceSecret, 'access log');
  const sign = (...parts: (Uint8Array | string)[]) => {
    const hmac = createHmac('sha256', key);
    for (const part of parts) hmac.update(part);
    return new Uint8Array(hmac.digest());
  };
  return {
    hash: (previous, { sequence, entry }) =>
      sign('entry', previous, JSON.stringify([`${sequence}`, ...valuesOf(entry)])),
    seal: ({ firstSequence, firstHash, lastSequence, lastHash }) =>
      sign('ends', `${firstSequence} ${lastSequence} `, firstHash, lastHash),
  };
}

export function isSameHash(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

/** In an order that must never change: hashes of old entries stand on it. */
function valuesOf(entry: AccessEntry): unknown[] {
  return [
    entry.id,
    entry.timestamp,
    entry.httpStatus,
    entry.duration,
    entry.userId,
    entry.applicationId,
    entry.userAddress,
    entry.host,
    entry.request,
    entry.responseBodySize,
    entry.userAgent,
    entry.operationName,
    entry.rootFields,
    entry.errorCodes,
    entry.requestId,
  ];
}
