// A small virus scanner that speaks clamd's protocol (PING and INSTREAM, commands with z or n before them): it finds
// what stands in its list of signatures. It can go away, come back, and misbehave.
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** The test file of all scanners, in pieces: a real scanner must not find this one. */
export const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-', 'ANTIVIRUS-TEST-FILE!$H+H*'].join('');

const signatures: Readonly<Record<string, string>> = { [eicar]: 'Eicar-Signature' };

export type ClamdBehaviour =
  | 'scans'
  /** Answers with something that no scanner says. */
  | 'garbage'
  /** Ends the connection when the first bytes have come. */
  | 'hangs up'
  /** Reads, and never answers. */
  | 'silent'
  /** Reads nothing, as when its disk hangs. */
  | 'stuck'
  /** Says OK when the first bytes have come. */
  | 'hasty'
  /** Says OK without the end of an answer, and ends the connection. */
  | 'half an answer';

export interface Clamd {
  /** For CLAMD_URL. */
  readonly url: string;
  behaviour: ClamdBehaviour;
  /** The sizes of the streams that were scanned whole. */
  readonly scanned: readonly number[];
  stop(): Promise<void>;
  /** Comes back at the same address. */
  start(): Promise<void>;
}

export interface ClamdOptions {
  /** A Unix socket; a free port of this machine unless told. */
  readonly path?: string;
  /** As StreamMaxLength; no limit unless told. */
  readonly mostBytes?: number;
}

export async function startClamd({ path, mostBytes = Number.POSITIVE_INFINITY }: ClamdOptions = {}): Promise<Clamd> {
  const scanned: number[] = [];
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let port = 0;
  const clamd = {
    behaviour: 'scans' as ClamdBehaviour,
    scanned,
    get url() {
      return path === undefined ? `tcp://127.0.0.1:${port}` : `unix:${path}`;
    },
    async start() {
      if (path !== undefined) await rm(path, { force: true });
      server = createServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => {}).on('close', () => sockets.delete(socket));
        void converse(socket, { clamd, mostBytes });
      });
      if (path === undefined) server.listen(port, '127.0.0.1');
      else server.listen(path);
      await once(server, 'listening');
      if (path === undefined) port = (server.address() as AddressInfo).port;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      const closed = server === undefined ? undefined : once(server, 'close');
      server?.close();
      await closed;
    },
  };
  await clamd.start();
  return clamd;
}

interface Conversation {
  readonly clamd: Pick<Clamd, 'behaviour'> & { readonly scanned: number[] };
  readonly mostBytes: number;
}

/** One command for each connection. */
async function converse(socket: Socket, { clamd, mostBytes }: Conversation): Promise<void> {
  const input = new Input(socket);
  const prefix = await input.take(1).then(String, () => '');
  const end = prefix === 'z' ? '\0' : '\n';
  const command = prefix === '' ? '' : await input.until(end).catch(() => '');
  const answer = (text: string) => socket.end(`${text}${end}`);
  if (command === 'PING') answer('PONG');
  else if (command !== 'INSTREAM') answer('UNKNOWN COMMAND');
  else if (clamd.behaviour === 'stuck') socket.pause();
  else await scan(input, { clamd, mostBytes, answer, socket }).catch(() => socket.destroy());
}

async function scan(
  input: Input,
  { clamd, mostBytes, answer, socket }: Conversation & { answer(text: string): unknown; readonly socket: Socket },
): Promise<void> {
  const parts: Buffer[] = [];
  for (let total = 0; ; ) {
    const length = (await input.take(4)).readUInt32BE();
    if (length === 0) break;
    total += length;
    if (total > mostBytes) return void answer('INSTREAM size limit exceeded. ERROR');
    parts.push(await input.take(length));
    if (clamd.behaviour === 'hangs up') return void socket.destroy();
    if (clamd.behaviour === 'hasty') return void answer('stream: OK');
  }
  if (clamd.behaviour === 'silent') return;
  if (clamd.behaviour === 'garbage') return void answer('stream: all is well, OK');
  if (clamd.behaviour === 'half an answer') return void socket.end('stream: OK');
  const stream = Buffer.concat(parts);
  clamd.scanned.push(stream.length);
  const found = Object.entries(signatures).find(([text]) => stream.includes(text));
  answer(found === undefined ? 'stream: OK' : `stream: ${found[1]} FOUND`);
}

/** Reads a connection by lengths and terminators. */
class Input {
  readonly #chunks: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.#chunks = socket.iterator({ destroyOnReturn: false })[Symbol.asyncIterator]();
  }

  async take(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let missing = length; missing > 0; ) {
      if (this.#held.length === 0) await this.#more();
      const part = this.#held.subarray(0, missing);
      this.#held = this.#held.subarray(part.length);
      parts.push(part);
      missing -= part.length;
    }
    return Buffer.concat(parts);
  }

  async until(end: string): Promise<string> {
    for (;;) {
      const at = this.#held.indexOf(end);
      if (at >= 0) {
        const text = String(this.#held.subarray(0, at));
        this.#held = this.#held.subarray(at + end.length);
        return text;
      }
      const before = this.#held;
      await this.#more();
      this.#held = Buffer.concat([before, this.#held]);
    }
  }

  async #more(): Promise<void> {
    const { value, done } = await this.#chunks.next();
    if (done === true) throw new Error('the connection has ended');
    this.#held = value;
  }
}
