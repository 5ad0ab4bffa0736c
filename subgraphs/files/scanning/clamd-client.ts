// Asks clamd, the daemon of ClamAV, about bytes: the commands PING and INSTREAM of its protocol (clamd(8)). Bytes count
// as clean only when clamd has got all of them and says so in full; everything else is a failure.
import { createConnection, type Socket } from 'node:net';
import type { Readable } from 'node:stream';

export type Verdict = { readonly clean: true } | { readonly clean: false; readonly signature: string };

export interface Scanner {
  /** Reads the stream to its end. Rejects with the stream's own error, or with ScannerFailure. */
  scan(bytes: Readable): Promise<Verdict>;
  /** Rejects with ScannerFailure when the scanner does not answer. */
  ping(): Promise<void>;
}

/** The scanner did not say whether the bytes are clean. */
export class ScannerFailure extends Error {
  override readonly name = 'ScannerFailure';
}

/** Milliseconds. */
export interface ScannerPatience {
  /** In which nothing moves while bytes are sent. */
  readonly sending: number;
  /** For the answer once all bytes are sent: archives take long. */
  readonly answer: number;
}

const usualPatience: ScannerPatience = { sending: 60_000, answer: 600_000 };
const pingPatience = 5_000;
const mostAnswerBytes = 4_096;

/** `address`: `tcp://host:port` or `unix:/path`. */
export function createClamdClient(address: string, patience: ScannerPatience = usualPatience): Scanner {
  const target = socketTarget(address);
  return {
    async scan(bytes) {
      const socket = createConnection(target);
      const answer = readAnswer(socket);
      let isSent = false;
      const sending = sendBytes(socket, bytes, patience).then(() => {
        isSent = true;
      });
      try {
        // An answer before the end is a refusal of the rest; why the connection ended, only the answer's failure tells.
        await Promise.race([sending, answer]);
        const verdict = readVerdict(await answer);
        if (verdict.clean && !isSent) throw new ScannerFailure('the scanner answered before it had all bytes');
        return verdict;
      } finally {
        // Neither is waited for any more, and one that is cut off here fails.
        sending.catch(() => {});
        answer.catch(() => {});
        socket.destroy();
        bytes.destroy();
      }
    },

    async ping() {
      const socket = createConnection(target).setTimeout(pingPatience);
      const answer = readAnswer(socket);
      try {
        socket.write('zPING\0');
        const text = await answer;
        if (text !== 'PONG') throw new ScannerFailure(`the scanner answered a PING with ${quoted(text)}`);
      } finally {
        socket.destroy();
      }
    },
  };
}

function socketTarget(address: string): { path: string } | { host: string; port: number } {
  const { protocol, hostname, port, pathname } = new URL(address);
  if (protocol === 'unix:') return { path: decodeURIComponent(pathname) };
  // The protocol's usual port; an IPv6 address stands in brackets in a URL only.
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 3310) };
}

/** Each piece after its length in four bytes; a piece of no bytes ends the stream. */
async function sendBytes(socket: Socket, bytes: Readable, patience: ScannerPatience): Promise<void> {
  socket.setTimeout(patience.sending).write('zINSTREAM\0');
  for await (const chunk of bytes as AsyncIterable<Uint8Array>) {
    if (chunk.length === 0) continue;
    socket.write(lengthOf(chunk.length));
    if (!socket.write(chunk)) await drained(socket);
  }
  socket.write(lengthOf(0));
  socket.setTimeout(patience.answer);
}

function lengthOf(bytes: number): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes);
  return length;
}

/** Resolves at the end of the connection, too: the failed answer says what happened to it. */
function drained(socket: Socket): Promise<void> {
  if (socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.on('drain', done).on('close', done);
  });
}

/** The answer up to its NUL. Rejects when the connection ends or nothing moves for too long, at the latest when it closes. */
function readAnswer(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (part: string) => {
      text += part;
      const end = text.indexOf('\0');
      if (end >= 0) resolve(text.slice(0, end));
      else if (text.length > mostAnswerBytes) reject(new ScannerFailure('the answer of the scanner has no end'));
    });
    socket.on('timeout', () => reject(new ScannerFailure('the scanner took too long')));
    socket.on('error', (cause) => reject(new ScannerFailure('the scanner cannot be reached', { cause })));
    socket.on('close', () => reject(new ScannerFailure('the scanner ended the connection without an answer')));
  });
}

function readVerdict(answer: string): Verdict {
  if (answer === 'stream: OK') return { clean: true };
  const [, signature] = /^stream: (\S.*) FOUND$/.exec(answer) ?? [];
  if (signature === undefined) throw new ScannerFailure(`the scanner answered ${quoted(answer)}`);
  return { clean: false, signature };
}

/** What another program sent, fit for a log. */
function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}
