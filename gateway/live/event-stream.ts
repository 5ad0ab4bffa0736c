// One stream of server-sent events, in the form of graphql-sse's distinct connections: `next` with each result, `complete`
// at the end. Whoever writes waits for a slow client; comments keep proxies from closing what is quiet.
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { mostSilentBeats, WriteBacklog } from './write-backlog.ts';

/** Beats (seconds) without anything sent after which a comment is. */
const commentAfter = 12;

export class EventStream {
  /** When the client is gone, or has been sent everything. */
  readonly closed: Promise<void>;
  readonly #response: ServerResponse;
  readonly #backlog: WriteBacklog;
  #quiet = 0;
  #stuck = 0;
  #goOn: () => void = () => undefined;

  /** Sends the headers. The response must be nobody else's (`reply.hijack()`). */
  constructor(response: ServerResponse, headers: Readonly<Record<string, string>>) {
    this.#response = response;
    this.#backlog = new WriteBacklog(response.socket as Socket);
    response.on('drain', () => this.#goOn());
    this.closed = new Promise((resolve) => response.once('close', resolve));
    void this.closed.then(() => this.#goOn());
    // Who is gone is told nothing; `close` follows.
    response.on('error', () => undefined);
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      // Proxies that go by it (nginx and others) pass each event on as it comes.
      'x-accel-buffering': 'no',
      ...headers,
    });
    // Some browsers take a stream for open with its first byte only.
    response.write(':\n\n');
  }

  /** Resolves when the client has taken what it was sent, or is gone. `json` has no line breaks. */
  async next(json: string): Promise<void> {
    if (this.#write(`event: next\ndata: ${json}\n\n`)) return;
    await new Promise<void>((resolve) => {
      this.#goOn = resolve;
    });
  }

  /** Nothing follows: clients do not come back. */
  complete(): void {
    this.#response.end('event: complete\ndata:\n\n');
  }

  /** Ends it without `complete`: clients connect again. */
  breakOff(): void {
    this.#response.end();
  }

  /** For people and curious clients; others pass over it. */
  comment(text: string): void {
    this.#write(`: ${text}\n\n`);
  }

  destroy(): void {
    this.#response.destroy();
  }

  beat(): void {
    const backlog = this.#backlog.beat();
    this.#stuck = backlog === 'stuck' ? this.#stuck + 1 : 0;
    this.#quiet += 1;
    if (this.#stuck > mostSilentBeats) this.destroy();
    else if (this.#quiet >= commentAfter && backlog === 'none') this.#write(':\n\n');
  }

  /** False: the client has not taken all of it yet. */
  #write(text: string): boolean {
    const response = this.#response;
    if (!response.writable || response.destroyed) return true;
    this.#quiet = 0;
    return response.write(text);
  }
}
