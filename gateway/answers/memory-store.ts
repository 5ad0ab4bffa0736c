// Answers kept in memory, within a bound of bytes: what was unused for longest goes first.
import type { AnswerStore, KeptAnswer } from './kept-answer.ts';

interface Entry {
  readonly answer: KeptAnswer;
  readonly until: number;
  readonly bytes: number;
}

export interface MemoryStoreOptions {
  readonly mostBytes: number;
  /** Milliseconds that only grow. */
  readonly now: () => number;
}

export interface MemoryStore extends AnswerStore {
  readonly bytes: number;
}

/** What an entry takes besides its texts. */
const entryBytes = 500;

export function createMemoryStore({ mostBytes, now }: MemoryStoreOptions): MemoryStore {
  const entries = new Map<string, Entry>();
  let bytes = 0;

  function remove(key: string): void {
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.delete(key);
    bytes -= entry.bytes;
  }

  return {
    get bytes() {
      return bytes;
    },
    async find(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (entry.until <= now()) {
        remove(key);
        return undefined;
      }
      entries.delete(key);
      entries.set(key, entry);
      return entry.answer;
    },
    async keep(key, answer, seconds) {
      remove(key);
      const size = sizeOf(key, answer);
      if (size > mostBytes) return;
      entries.set(key, { answer, until: now() + seconds * 1_000, bytes: size });
      bytes += size;
      for (const oldest of entries.keys()) {
        if (bytes <= mostBytes) break;
        remove(oldest);
      }
    },
    close() {
      entries.clear();
      bytes = 0;
    },
  };
}

/** At most: text of other letters than Latin ones takes two bytes for each. */
function sizeOf(key: string, { data, dependsOn, notFor }: KeptAnswer): number {
  const texts = [key, data, ...dependsOn, ...notFor];
  return texts.reduce((sum, text) => sum + 2 * text.length + 32, entryBytes);
}
