// The gateways behind the load balancer: which of them a request should go to now. Asks each of them all the time
// whether it is ready.
import { setTimeout as pause } from 'node:timers/promises';

/** `ready`: answers /readyz with 200. `alive`: answers something else, so it works in part or is ending. */
type State = 'ready' | 'alive' | 'gone';

export interface Backend {
  readonly url: URL;
}

export interface Backends {
  /**
   * The next in turn among those not tried: of the ready ones, and where there is none, of those that are alive, since
   * part of a service is better than none. Undefined when there are no more.
   */
  next(tried: ReadonlySet<Backend>): Backend | undefined;
  /** It did not take a connection: nothing more goes there until it answers again. */
  noteRefusal(backend: Backend): void;
  close(): void;
}

const checkMilliseconds = 250;
const patienceMilliseconds = 3_000;

export function watchBackends(urls: readonly string[]): Backends {
  const backends = urls.map((url): Backend & { state: State } => ({ url: new URL(url), state: 'gone' }));
  const stop = new AbortController();
  let turn = 0;
  for (const backend of backends) {
    void watch(backend.url, stop.signal, (state) => {
      backend.state = state;
    });
  }
  return {
    next(tried) {
      const left = backends.filter((backend) => !tried.has(backend));
      const ready = left.filter(({ state }) => state === 'ready');
      const candidates = ready.length > 0 ? ready : left.filter(({ state }) => state === 'alive');
      turn += 1;
      return candidates[turn % candidates.length];
    },
    noteRefusal(refusing) {
      for (const backend of backends) if (backend === refusing) backend.state = 'gone';
    },
    close: () => stop.abort(),
  };
}

async function watch(url: URL, stop: AbortSignal, note: (state: State) => void): Promise<void> {
  while (!stop.aborted) {
    note(await stateOf(url));
    await pause(checkMilliseconds, undefined, { signal: stop }).catch(() => undefined);
  }
}

async function stateOf(url: URL): Promise<State> {
  try {
    const answer = await fetch(new URL('/readyz', url), { signal: AbortSignal.timeout(patienceMilliseconds) });
    await answer.arrayBuffer();
    return answer.status === 200 ? 'ready' : 'alive';
  } catch (error) {
    // One that is merely slow still takes connections.
    return error instanceof DOMException && error.name === 'TimeoutError' ? 'alive' : 'gone';
  }
}
