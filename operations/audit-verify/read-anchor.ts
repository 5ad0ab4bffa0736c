// The place in the access log that an operator noted at an earlier verification.
import type { Anchor } from '../../subgraphs/events/access-log/verify-chain.ts';

/** Undefined: it is not written as `verify` prints it. */
export function readAnchor(text: string): Anchor | undefined {
  const [, sequence, hash] = /^(\d{1,18}):([\da-f]{64})$/.exec(text) ?? [];
  return sequence === undefined || hash === undefined ? undefined : { sequence: BigInt(sequence), hash };
}
