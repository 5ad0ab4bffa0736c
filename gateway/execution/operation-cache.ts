// Keeps what was compiled, by the text of the document and the name of the operation. Bounded in number and in text; what
// was unused for longest goes first. Knows what is used most, for the next supergraph to be ready for it.

export interface CacheBounds {
  readonly entries: number;
  /** Characters of all keys: what is compiled is about in proportion to them. */
  readonly characters: number;
}

export const defaultCacheBounds: CacheBounds = { entries: 2_000, characters: 20_000_000 };

interface Entry<V> {
  readonly value: V;
  uses: number;
}

export class OperationCache<V> {
  readonly #bounds: CacheBounds;
  readonly #entries = new Map<string, Entry<V>>();
  #characters = 0;

  constructor(bounds: CacheBounds) {
    this.#bounds = bounds;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    entry.uses += 1;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  set(key: string, value: V): void {
    this.delete(key);
    this.#entries.set(key, { value, uses: 1 });
    this.#characters += key.length;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#bounds.entries && this.#characters <= this.#bounds.characters) break;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    if (this.#entries.delete(key)) this.#characters -= key.length;
  }

  /** The most used come first. */
  mostUsed(most: number): readonly V[] {
    return [...this.#entries.values()]
      .toSorted((one, other) => other.uses - one.uses)
      .slice(0, most)
      .map(({ value }) => value);
  }

  get size(): number {
    return this.#entries.size;
  }
}
