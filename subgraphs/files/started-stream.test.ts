// A started stream has all chunks, tells at once what is wrong at the beginning, and ends what makes the chunks.
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import { startedStream } from './started-stream.ts';

function chunks(...given: readonly (string | Error)[]) {
  const state = { ended: false };
  async function* all(): AsyncGenerator<Buffer> {
    try {
      for (const chunk of given) {
        if (typeof chunk !== 'string') throw chunk;
        yield Buffer.from(chunk);
      }
    } finally {
      state.ended = true;
    }
  }
  return { state, all: all() };
}

test('what is wrong at the beginning is told before there is a stream, and later it fails the stream', async () => {
  const error = new Error('broken');
  await expect(startedStream(chunks(error).all)).rejects.toBe(error);
  await expect(buffer(await startedStream(chunks('one', error).all))).rejects.toBe(error);
});

test('a stream that nobody reads, or not to its end, ends its chunks when it is destroyed', async () => {
  for (const isRead of [false, true]) {
    const { state, all } = chunks('one', 'two', 'three');
    const stream = await startedStream(all);
    if (isRead) await once(stream, 'readable');
    expect(state.ended).toBe(false);
    stream.destroy();
    await once(stream, 'close');
    expect(state.ended).toBe(true);
  }
});

test('it has every chunk once, in order', async () => {
  for (const given of [[], [''], ['one'], ['', 'one', '', 'two', 'three']]) {
    expect((await buffer(await startedStream(chunks(...given).all))).toString()).toBe(given.join(''));
  }
});
