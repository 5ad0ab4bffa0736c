import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { closable } from './closable-results.ts';

/** Yields 1, 2, then waits until it is aborted; notes when its clean-up has run. */
function source() {
  const closing = new AbortController();
  const state = { cleaned: false, items: 0, closed: 0 };
  async function* generate() {
    try {
      yield 1;
      yield 2;
      await new Promise<void>((resolve) => closing.signal.addEventListener('abort', () => resolve()));
    } finally {
      state.cleaned = true;
    }
  }
  const results = closable(generate(), {
    onItem: () => {
      state.items += 1;
    },
    onClose: () => {
      state.closed += 1;
      closing.abort();
    },
  });
  return { results, state };
}

describe('results that are closed', () => {
  test('while the next one is waited for end at once, and clean up', async () => {
    const { results, state } = source();
    await results.next();
    await results.next();
    const waiting = results.next();
    await results.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    await pause(1);
    expect(state).toEqual({ cleaned: true, items: 2, closed: 1 });
  });

  test('between two of them clean up as well', async () => {
    const { results, state } = source();
    await results.next();
    await results.return?.();
    await pause(1);
    expect(state).toEqual({ cleaned: true, items: 1, closed: 1 });
    expect(await results.next()).toEqual({ done: true, value: undefined });
    expect(state.closed).toBe(1);
  });

  test('by an error say so once', async () => {
    const failing = (async function* (): AsyncGenerator<number> {
      yield* [];
      throw new Error('over');
    })();
    let closed = 0;
    const onClose = () => {
      closed += 1;
    };
    const results = closable(failing, { onItem: () => undefined, onClose });
    await expect(results.next()).rejects.toThrow('over');
    await results.return?.();
    expect(closed).toBe(1);
  });
});
