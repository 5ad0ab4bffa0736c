// `npm run probe -- URL [--json] [--timeout SECONDS]`: does an installation work, seen from outside?
import { parseArgs } from 'node:util';
import { runProgram, StartError } from '../../platform/start-error.ts';
import { type ProbeStep, runProbe } from './run-probe.ts';

const usage = `Usage: npm run probe -- URL [--json] [--timeout SECONDS]

  URL        where the gateway is, for example https://api.example.org
  --json     print the last line alone
  --timeout  seconds for everything together; 30 unless told

Signs in with PROBE_EMAIL and PROBE_PASSWORD, or with ADMIN_EMAIL and ADMIN_PASSWORD.`;

await runProgram(async () => {
  const { url, json, milliseconds } = readArguments();
  const { PROBE_EMAIL, PROBE_PASSWORD, ADMIN_EMAIL, ADMIN_PASSWORD } = process.env;
  const [email, password] = PROBE_EMAIL === undefined ? [ADMIN_EMAIL, ADMIN_PASSWORD] : [PROBE_EMAIL, PROBE_PASSWORD];
  if (!email || !password) throw new StartError(`Nobody is named to sign in as.\n\n${usage}`);

  const print = (line: string) => process.stdout.write(`${line}\n`);
  const printStep = ({ name, ms, note }: ProbeStep) =>
    print(`${name.padEnd(10)} ${ms.toFixed(1).padStart(9)} ms${note === undefined ? '' : `  ${note}`}`);
  const report = await runProbe({ url, email, password, milliseconds, ...(json ? {} : { onStep: printStep }) });
  const { failure } = report;
  if (failure !== undefined && !json) {
    print(`${failure.step.padEnd(10)}    failed  ${failure.what}`);
    print(`${' '.repeat(22)}Look at: ${failure.lookAt}`);
  }
  print(JSON.stringify(report));
  process.exit(report.ok ? 0 : 1);
});

function readArguments(): { url: string; json: boolean; milliseconds: number } {
  let read: { values: { json?: boolean; timeout?: string }; positionals: string[] };
  try {
    const options = { json: { type: 'boolean' }, timeout: { type: 'string' } } as const;
    read = parseArgs({ options, allowPositionals: true });
  } catch (error) {
    throw new StartError(`${(error as Error).message}\n\n${usage}`);
  }
  const { values, positionals } = read;
  const [url = '', ...more] = positionals;
  if (!/^https?:\/\/[^/]/.test(url) || !URL.canParse(url) || more.length > 0) throw new StartError(usage);
  const seconds = Number(values.timeout ?? 30);
  if (!(seconds > 0)) throw new StartError(`--timeout: a number of seconds above 0\n\n${usage}`);
  return { url, json: values.json === true, milliseconds: seconds * 1_000 };
}
