// Watches what a test sends to the embedded database, inside transactions and outside, by the messages themselves.
import { PGlite } from '@electric-sql/pglite';

export interface WatchedStatements {
  /** The texts of statements since the last time. */
  take(): string[];
  /** In how many statements values were bound that hold the pattern. */
  bound(): number;
  stop(): void;
}

type Send = (message: Uint8Array) => Uint8Array;

/** `marker`: what stands in values, to find them where they are bound. */
export function watchStatements(marker: RegExp): WatchedStatements {
  const prototype = PGlite.prototype as unknown as { execProtocolRawSync: Send };
  const { execProtocolRawSync: send } = prototype;
  let texts: string[] = [];
  let bound = 0;
  prototype.execProtocolRawSync = function (this: PGlite, message) {
    for (const { type, body } of messagesIn(Buffer.from(message))) {
      if (type === 'Q') texts.push(body.toString('utf8', 0, body.indexOf(0)));
      if (type === 'P') texts.push(textOfParse(body));
      if (type === 'B' && marker.test(body.toString('utf8'))) bound += 1;
    }
    return send.call(this, message);
  };
  return {
    take() {
      const taken = texts;
      texts = [];
      return taken;
    },
    bound: () => bound,
    stop() {
      prototype.execProtocolRawSync = send;
    },
  };
}

/** Behind the letter stands the length of the rest, and of itself. */
function messagesIn(buffer: Buffer): { readonly type: string; readonly body: Buffer }[] {
  const found: { type: string; body: Buffer }[] = [];
  for (let at = 0; at + 5 <= buffer.length; ) {
    const end = at + 1 + buffer.readInt32BE(at + 1);
    found.push({ type: String.fromCharCode(buffer[at] ?? 0), body: buffer.subarray(at + 5, end) });
    at = end;
  }
  return found;
}

/** The statement's name comes first; both end with NUL. */
function textOfParse(body: Buffer): string {
  const begin = body.indexOf(0) + 1;
  return body.toString('utf8', begin, body.indexOf(0, begin));
}
