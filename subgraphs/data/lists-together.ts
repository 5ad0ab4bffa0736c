// Lists under many parents, as a loader is asked for them: those that differ in their parents only are read together.

export interface ListsTogether<Key, List> {
  /** What lists have in common that can be read together, as JSON. */
  readonly alike: (key: Key) => unknown;
  /** The lists of keys that are alike, in their order. What it throws is the answer to each of them. */
  readonly load: (keys: readonly Key[]) => Promise<readonly List[]>;
}

/** One list or error for each key, in their order: what a DataLoader's batch function answers. */
export async function loadListsTogether<Key, List>(
  keys: readonly Key[],
  { alike, load }: ListsTogether<Key, List>,
): Promise<(List | Error)[]> {
  const groups = new Map<string, number[]>();
  for (const [place, key] of keys.entries()) {
    const name = JSON.stringify(alike(key));
    const places = groups.get(name) ?? [];
    groups.set(name, places);
    places.push(place);
  }
  const answers: (List | Error)[] = [];
  await Promise.all(
    [...groups.values()].map(async (places) => {
      const lists = await load(places.map((place) => keys[place] as Key)).catch((error: Error) => error);
      for (const [index, place] of places.entries()) {
        answers[place] = lists instanceof Error ? lists : (lists[index] as List);
      }
    }),
  );
  return answers;
}
