// Compares what must not be guessed piece by piece.
import { timingSafeEqual } from 'node:crypto';

/** In a time that tells at most whether their lengths differ, never where they do. */
export function isSameText(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
