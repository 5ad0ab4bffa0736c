// The time, as a dependency: epoch milliseconds.
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();
