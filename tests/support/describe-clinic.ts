// A suite in the clinic of the acceptance scenario, once on every shape.
import { afterAll, beforeAll } from '@jest/globals';
import type { Clinic } from './clinic.ts';
import { openClinic } from './clinic.ts';
import { createProgramClock, type ProgramClock } from './program-clock.ts';
import type { Shape } from './shapes.ts';
import { describeOnEachShape } from './shapes.ts';

/** There from the first test on. */
export interface ClinicWorld {
  readonly shape: Shape;
  /** What the program goes by. */
  readonly clock: ProgramClock;
  readonly clinic: Clinic;
}

/** What a suite needs besides the clinic, started before it: how its programs find it, and how it ends. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const nothing: Surroundings = { environment: {}, close: async () => undefined };

export function describeClinic(
  name: string,
  suite: (world: ClinicWorld) => void,
  surround: () => Promise<Surroundings> = async () => nothing,
  describeOnShapes = describeOnEachShape,
): void {
  describeOnShapes(name, (start) => {
    let shape: Shape | undefined;
    let clock: ProgramClock | undefined;
    let clinic: Clinic | undefined;
    let surroundings: Surroundings | undefined;
    const there = <T>(part: T | undefined): T => {
      if (part === undefined) throw new Error('The clinic opens before the first test, not before the suite');
      return part;
    };
    beforeAll(async () => {
      clock = createProgramClock();
      surroundings = await surround();
      shape = await start({ ...clock.environment, ...surroundings.environment });
      clinic = await openClinic(shape);
    }, 300_000);
    afterAll(async () => {
      await shape?.close();
      await surroundings?.close();
      clock?.remove();
    }, 300_000);
    suite({
      get shape() {
        return there(shape);
      },
      get clock() {
        return there(clock);
      },
      get clinic() {
        return there(clinic);
      },
    });
  });
}
