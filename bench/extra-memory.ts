// How much a program grows while something is done to it.
import type { RunningProgram } from './running-program.ts';

export interface WithExtraMemory<T> {
  readonly result: T;
  /** The most that its resident memory grew meanwhile, in MB. */
  readonly extraRssMB: number;
}

export async function withExtraMemory<T>(
  program: Pick<RunningProgram, 'rssMB'>,
  work: () => Promise<T>,
): Promise<WithExtraMemory<T>> {
  const idle = program.rssMB();
  let most = idle;
  const look = () => {
    most = Math.max(most, program.rssMB());
  };
  const watch = setInterval(look, 100);
  try {
    const result = await work();
    look();
    return { result, extraRssMB: most - idle };
  } finally {
    clearInterval(watch);
  }
}
