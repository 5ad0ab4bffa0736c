// The bench of gateways: ours, Apollo's and Hive's, each in a process of its own in front of the same four services in
// another process, over plain HTTP. What they answer is compared, and what it takes them measured: in short rounds by turns,
// of which the median counts, so that what else a machine does meanwhile meets all of them alike.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { Pool } from 'undici';
import { projectFolder } from '../../platform/project-folder.ts';
import { progress } from '../progress.ts';
import { type Child, startChild } from './child.ts';
import { type Comparison, type GatewayBench, type GatewayName, gatewayNames } from './gateway-bench.ts';
import { askOnce, type Figures, measure, measureFirst } from './measure.ts';
import { type OperationName, operationNames, operations } from './operations.ts';
import { services } from './services.ts';
import { writePerformancePage } from './write-performance-page.ts';

const delays = { results: 1, slowServices: 50 } as const;
const warmUpMs = Number(process.env.BENCH_WARM_UP_MS ?? 4_000);
const measureMs = Number(process.env.BENCH_MEASURE_MS ?? 2_000);
const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
/** Between the rounds of one gateway the others have had the processor. */
const warmAgainMs = 300;

export async function benchGateway(): Promise<object> {
  const peers = preparePeers();
  const folder = mkdtempSync(join(tmpdir(), 'caregraph-bench-gateway-'));
  const servicesProcess = await startChild(join(projectFolder(), 'dist/bench/gateway/services-process.js'), []);
  const gateways = new Map<GatewayName, Child>();
  try {
    const supergraph = join(folder, 'supergraph.graphql');
    writeFileSync(supergraph, composeFor(servicesProcess.url));
    for (const name of gatewayNames)
      gateways.set(name, await startGateway(name, [supergraph, servicesProcess.url], peers));
    const answers = new Map<string, string>();
    let sameAnswers = true;
    const bench = empty();
    for (const [part, delay] of Object.entries(delays) as [keyof typeof delays, number][]) {
      servicesProcess.tell({ delay });
      for (const operation of operationNames) {
        for (const [name, gateway] of gateways) {
          if (await answersAlike(gateway, operation, answers)) continue;
          progress(`${name} answers ${operation} otherwise than ${gatewayNames[0]}`);
          sameAnswers = false;
        }
        progress(`${operation}, services take ${delay} ms`);
        bench[part][operation] = await compare(gateways, servicesProcess, operation);
      }
    }
    servicesProcess.tell({ delay: delays.results });
    for (const [name, gateway] of gateways)
      bench.firstRequest[name] = await measureFirst({ gateway }, operations.heavy);
    const { results, ...others } = bench;
    writePerformancePage({ sameAnswers, ...bench });
    return { ...results, sameAnswers, ...others };
  } finally {
    await Promise.all([...gateways.values(), servicesProcess].map((child) => child.stop()));
    rmSync(folder, { recursive: true });
  }
}

function startGateway(name: GatewayName, args: readonly string[], peers: string): Promise<Child> {
  if (name === 'stockApollo') return startChild(join(peers, 'stock-apollo.mjs'), args, { cwd: peers });
  if (name === 'hiveGateway') return startChild(join(peers, 'hive-gateway.mjs'), args, { cwd: peers });
  const script = join(projectFolder(), 'dist/bench/gateway/caregraph-process.js');
  return startChild(script, args, { execArgv: startFlags() });
}

/** What `npm run start:gateway` tells Node. */
function startFlags(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(projectFolder(), 'package.json'), 'utf8'));
  return String(scripts['start:gateway'])
    .split(' ')
    .filter((word) => word.startsWith('--'));
}

/** The round with the median CPU time of each. */
async function compare(
  gateways: ReadonlyMap<GatewayName, Child>,
  servicesProcess: Child,
  operation: OperationName,
): Promise<Comparison> {
  const measured = new Map<GatewayName, Figures[]>();
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, gateway] of gateways) {
      const figures = await measure({
        gateway,
        services: servicesProcess,
        operation: operations[operation],
        warmUpMs: round === 0 ? warmUpMs : warmAgainMs,
        measureMs,
      });
      measured.set(name, [...(measured.get(name) ?? []), figures]);
    }
  }
  const median = (all: readonly Figures[]) =>
    all.toSorted((one, other) => one.cpuMs - other.cpuMs)[Math.floor(all.length / 2)];
  return Object.fromEntries([...measured].map(([name, all]) => [name, median(all)])) as unknown as Comparison;
}

function empty(): Omit<GatewayBench, 'sameAnswers'> {
  const comparisons = () =>
    Object.fromEntries(operationNames.map((name) => [name, {}])) as unknown as Record<OperationName, Comparison>;
  return { results: comparisons(), slowServices: comparisons(), firstRequest: {} as Record<GatewayName, number> };
}

/** Installs the other gateways where they are not; they are nobody's dependency but this bench's. */
function preparePeers(): string {
  const folder = join(projectFolder(), 'bench/gateway/peers');
  if (!existsSync(join(folder, 'node_modules'))) {
    progress('installing the other gateways');
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'ignore' });
  }
  return folder;
}

function composeFor(url: string): string {
  const { supergraphSdl, errors } = composeServices(
    services.map(({ name, sdl }) => ({ name, typeDefs: parse(sdl), url: `${url}/${name}` })),
  );
  if (supergraphSdl === undefined) throw new Error(`The services do not compose: ${errors?.map(String).join('\n')}`);
  return supergraphSdl;
}

/** Whether the data is, byte for byte, what the first gateway has answered. */
async function answersAlike(gateway: Child, name: OperationName, answers: Map<string, string>): Promise<boolean> {
  const pool = new Pool(gateway.url, { connections: 1 });
  let alike = true;
  for (const n of [0, 1, 2]) {
    const { data, errors } = JSON.parse(await askOnce(pool, operations[name], n));
    if (errors !== undefined) throw new Error(`${name}: ${JSON.stringify(errors).slice(0, 1_000)}`);
    const text = JSON.stringify(data);
    const known = answers.get(`${name} ${n}`);
    if (known === undefined) answers.set(`${name} ${n}`, text);
    else if (known !== text) alike = false;
  }
  await pool.close();
  return alike;
}
