// What waits in a connection to be taken by its peer, looked at with each beat (pulse.ts). Counted in beats and not in
// time: a process that slept for a minute must not take all of its clients for dead when it wakes up.
import type { Socket } from 'node:net';

/** Beats in which a peer neither says anything nor takes anything of what waits for it, after which it is gone. */
export const mostSilentBeats = 24;

/** `moving`: the peer reads slowly, but it lives. */
export type BacklogState = 'none' | 'moving' | 'stuck';

export class WriteBacklog {
  readonly #socket: Socket;
  #taken = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  beat(): BacklogState {
    const { bytesWritten, writableLength } = this.#socket;
    const taken = bytesWritten - writableLength;
    const moved = taken > this.#taken;
    this.#taken = taken;
    if (writableLength === 0) return 'none';
    return moved ? 'moving' : 'stuck';
  }
}
