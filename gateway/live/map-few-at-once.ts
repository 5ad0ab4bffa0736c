// Asynchronous work on many items, so many of them at once.

/** The outcomes, in the order of the items. The first failure rejects, and nothing new is begun after it. */
export async function mapFewAtOnce<T, R>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const outcomes: R[] = [];
  const left = items.entries();
  let failed = false;
  const worker = async (): Promise<void> => {
    // One iterator for all workers: each takes the next item that nobody has taken.
    for (const [place, item] of left) {
      if (failed) return;
      try {
        outcomes[place] = await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
  return outcomes;
}
