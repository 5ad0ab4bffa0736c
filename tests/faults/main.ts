// `npm run test:faults`: a long run, 30 kills unless FAULT_KILLS says otherwise. Its last line is one object of JSON; the
// exit code is 1 when something was lost, came twice, late, or to somebody who may not see it.
import { runFaults } from './run-faults.ts';

const kills = Number(process.env.FAULT_KILLS ?? 30);
const seed = Number(process.env.FAULT_SEED ?? Math.floor(Math.random() * 2 ** 31));
const start = performance.now();
const say = (line: string) => {
  process.stderr.write(`${((performance.now() - start) / 1_000).toFixed(1).padStart(7)} s  ${line}\n`);
};
say(`seed ${seed} (FAULT_SEED)`);
const report = await runFaults({ kills, seed, say });
process.stdout.write(`${JSON.stringify(report)}\n`);
const { lost, duplicated, outOfOrder, forbidden } = report;
process.exitCode = lost + duplicated + outOfOrder + forbidden === 0 ? 0 : 1;
