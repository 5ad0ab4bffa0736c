// One WebSocket as the protocol machine of graphql-ws needs it. Sends a result whose text is there already without
// serialising it again, and takes nothing more from a client that does not take what waits for it.
import type { Socket } from 'node:net';
import type { WebSocket as ProtocolSocket } from 'graphql-ws';
import { CloseCode, stringifyMessage } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { Logger } from '../../platform/subgraph/context.ts';
import { mostSilentBeats, WriteBacklog } from './write-backlog.ts';

/** While more waits to be sent, nothing is read: answers to what a client keeps asking must not pile up. */
const mostWaitingBytes = 1_048_576;
/** Beats (seconds) in which nothing came from a client, after which it is pinged. */
const pingAfter = 12;
/** RFC 6455: the reason of a close has at most 123 bytes. */
const longestReason = 123;
/** What stands for a shared result in the text of its message; it comes last, so that nothing in front can pass for it. */
const placeholder = '0}';

export class LiveSocket implements ProtocolSocket {
  readonly protocol: string;
  readonly #socket: WebSocket;
  readonly #log: Logger;
  readonly #backlog: WriteBacklog;
  /** Whether anything has come since the last beat. */
  #heard = false;
  /** Beats in which the client gave no sign of life. */
  #silent = 0;
  #shared: string | undefined;
  #draining = false;
  /** What else a Ping of the client is answered with; undefined: its own payload. */
  answerPing: (payload: Readonly<Record<string, unknown>>) => Promise<Record<string, unknown> | undefined>;

  constructor(socket: WebSocket, below: Socket, log: Logger) {
    this.protocol = socket.protocol;
    this.#socket = socket;
    this.#log = log;
    this.#backlog = new WriteBacklog(below);
    this.answerPing = async () => undefined;
    socket.on('pong', () => {
      this.#heard = true;
    });
    // Broken frames, too large messages: ws has closed the connection with the code that says so.
    socket.on('error', (error) => log.debug({ reason: error.message }, 'a WebSocket broke'));
  }

  /** The payload of a `next` message: the text of the result, serialised once for all who get it. */
  sharedPayload(json: string): object {
    return {
      toJSON: () => {
        this.#shared = json;
        return 0;
      },
    };
  }

  /** Resolves when the system has taken it, so that whoever produces results waits for a slow client. */
  send(text: string): Promise<void> {
    // What has just been serialised is sent in the same turn: the shared result belongs to this message.
    const shared = this.#shared;
    this.#shared = undefined;
    const message = shared === undefined ? text : `${text.slice(0, -placeholder.length)}${shared}}`;
    const socket = this.#socket;
    return new Promise((resolve) => {
      if (socket.readyState !== socket.OPEN) return resolve();
      // A failure to send is followed by the end of the socket, which ends what runs on it.
      socket.send(message, () => {
        if (socket.isPaused && !this.#draining && socket.bufferedAmount < mostWaitingBytes) socket.resume();
        resolve();
      });
      if (socket.bufferedAmount > mostWaitingBytes) socket.pause();
    });
  }

  async onPing(payload: Record<string, unknown> | undefined): Promise<void> {
    const answer = payload === undefined ? undefined : await this.answerPing(payload);
    await this.#sendControl('pong', answer ?? payload);
  }

  ping(payload: Record<string, unknown>): Promise<void> {
    return this.#sendControl('ping', payload);
  }

  onMessage(handle: (data: string) => Promise<void>): void {
    this.#socket.on('message', (data) => {
      this.#heard = true;
      // What comes after the close was sent could not be answered any more; the client asks again elsewhere.
      if (this.#socket.readyState !== this.#socket.OPEN || this.#draining) return;
      handle(String(data)).catch((error: Error) => {
        // By its text alone graphql-ws tells a message that only servers send from a fault of ours.
        if (error.message.startsWith('Unexpected message of type')) {
          return this.close(CloseCode.BadRequest, 'Unexpected message received');
        }
        this.#log.error({ err: error }, 'a message of a WebSocket could not be handled');
        this.close(CloseCode.InternalServerError, 'Internal server error');
      });
    });
  }

  close(code: number, reason: string): void {
    // The answer to the close has to be read.
    this.#socket.resume();
    let told = reason;
    while (Buffer.byteLength(told) > longestReason) told = told.slice(0, -1);
    this.#socket.close(code, told);
  }

  /** Takes no further messages. */
  drain(): void {
    this.#draining = true;
    this.#socket.pause();
  }

  terminate(): void {
    this.#socket.terminate();
  }

  beat(): void {
    const backlog = this.#backlog.beat();
    this.#silent = this.#heard || backlog === 'moving' ? 0 : this.#silent + 1;
    this.#heard = false;
    if (this.#silent > mostSilentBeats) this.#socket.terminate();
    // Behind a backlog a ping would not arrive before what waits already.
    else if (this.#silent === pingAfter && backlog === 'none') this.#ping();
  }

  #ping(): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
  }

  #sendControl(type: 'ping' | 'pong', payload: Record<string, unknown> | undefined): Promise<void> {
    return this.send(stringifyMessage((payload === undefined ? { type } : { type, payload }) as never));
  }
}
