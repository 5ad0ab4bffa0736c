// Range requests (RFC 9110 §14) and conditional requests (§13) for one representation that never changes.
import type { ByteRange } from './byte-store.ts';

export interface RequestedPart {
  readonly range?: string | undefined;
  readonly ifRange?: string | undefined;
}

/**
 * The part of `size` bytes that was asked for; undefined for all of them: no range, one that is not understood, several
 * (a server may give the whole), or one that holds for another version only.
 */
export function requestedRange(
  { range, ifRange }: RequestedPart,
  size: number,
  etag: string,
): ByteRange | 'unsatisfiable' | undefined {
  // A date in If-Range never matches: there is no Last-Modified that it could repeat.
  if (range === undefined || (ifRange !== undefined && ifRange !== etag)) return undefined;
  const [, first, last] = /^bytes=\s*(\d{0,20})\s*-\s*(\d{0,20})\s*$/i.exec(range) ?? [];
  if (first === undefined || last === undefined || first + last === '') return undefined;
  // Of no bytes there is no part that a Content-Range could name, so the whole nothing is the better answer.
  if (size === 0) return undefined;
  if (first === '') {
    const wanted = Number(last);
    return wanted === 0 ? 'unsatisfiable' : { start: Math.max(0, size - wanted), end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < start) return undefined;
  return start >= size ? 'unsatisfiable' : { start, end };
}

/** Whether an `If-None-Match` names this version, so that the client has the bytes already. */
export function alreadyHas(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  return ifNoneMatch.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === etag);
}
