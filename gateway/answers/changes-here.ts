// Counts what may have been changed through this gateway: whoever has made a change is not shown an answer from before it,
// although the event that tells of it is still on its way.
export interface ChangesHere {
  readonly count: number;
  /** Called when a change is through, before whoever made it is told so. */
  note(): void;
}

export function countChanges(): ChangesHere {
  let count = 0;
  return {
    get count() {
      return count;
    },
    note() {
      count += 1;
    },
  };
}
