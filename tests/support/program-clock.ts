// The time of the programs that a test has started: it can be moved forward and made to stand still, for all of them at
// once and for nobody else. Purely a matter of tests: see shift-clock.mjs, which the programs are started with.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { removeFolder, temporaryFolder } from '../../operations/servers/throwaway-process.ts';
import { projectFolder } from '../../platform/project-folder.ts';

/** Moments are epoch milliseconds; time goes forward only. Each change holds for every request that comes after it. */
export interface ProgramClock {
  /** For the programs that are to go by this clock. */
  readonly environment: Readonly<Record<string, string>>;
  /** What the programs take for the present. */
  now(): number;
  /**
   * Time stands still, now or at a later moment. The embedded database goes by the same clock, so jobs wait meanwhile:
   * what is mailed has to come before.
   */
  stop(at?: number | string): Promise<void>;
  /** Time goes on from where it stands. */
  start(): Promise<void>;
  /** Forward, whether time stands or goes on. */
  move(milliseconds: number): Promise<void>;
  /** Runs with time standing still, so that nothing depends on how fast the machine is; then time goes on. */
  whileStanding(work: () => Promise<void>): Promise<void>;
  /** Once the programs have ended. */
  remove(): void;
}

/** Longer than a program goes without looking (shift-clock.mjs). */
const noticedAfter = 10;

export function createProgramClock(): ProgramClock {
  const folder = temporaryFolder('clock');
  const file = join(folder, 'clock');
  let offset = 0;
  let standing: number | undefined;

  const now = () => standing ?? Date.now() + offset;
  function write(): void {
    // Whole or not at all: programs read at any time.
    const next = `${file}.next`;
    writeFileSync(next, standing === undefined ? `+${offset}` : `=${standing}`);
    renameSync(next, file);
  }
  async function change(then: { readonly offset: number; readonly standing: number | undefined }): Promise<void> {
    ({ offset, standing } = then);
    write();
    await pause(noticedAfter);
  }
  write();
  const clock: ProgramClock = {
    environment: {
      NODE_OPTIONS: `--import=${pathToFileURL(join(projectFolder(), 'tests/support/shift-clock.mjs')).href}`,
      TEST_CLOCK_FILE: file,
    },
    now,
    async stop(at) {
      const present = now();
      // A little ahead where time goes on, so that it goes back for nobody who has not noticed yet.
      const moment = at === undefined ? (standing ?? present + noticedAfter) : new Date(at).getTime();
      if (moment < present) throw new Error(`It is ${present - moment} ms later already`);
      await change({ offset, standing: moment });
    },
    async start() {
      if (standing !== undefined) await change({ offset: standing - Date.now(), standing: undefined });
    },
    move: (milliseconds) =>
      standing === undefined
        ? change({ offset: offset + milliseconds, standing })
        : change({ offset, standing: standing + milliseconds }),
    async whileStanding(work) {
      await clock.stop();
      try {
        await work();
      } finally {
        await clock.start();
      }
    },
    remove: () => removeFolder(folder),
  };
  return clock;
}
