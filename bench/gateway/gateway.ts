// The bench of gateways: ours, Apollo's and Hive's, each in a process of its own, one after the other in front of the same
// four services in another process, over plain HTTP. What they answer is compared, and what it takes them measured.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { Pool } from 'undici';
import { projectFolder } from '../../platform/project-folder.ts';
import { progress } from '../progress.ts';
import { type Child, startChild } from './child.ts';
import { type Comparison, type GatewayBench, type GatewayName, gatewayNames } from './gateway-bench.ts';
import { askOnce, measure, measureFirst } from './measure.ts';
import { type OperationName, operationNames, operations } from './operations.ts';
import { services } from './services.ts';
import { writePerformancePage } from './write-performance-page.ts';

const delays = { results: 1, slowServices: 50 } as const;
const warmUpMs = Number(process.env.BENCH_WARM_UP_MS ?? 4_000);
const measureMs = Number(process.env.BENCH_MEASURE_MS ?? 6_000);

export async function benchGateway(): Promise<object> {
  const peers = preparePeers();
  const folder = mkdtempSync(join(tmpdir(), 'caregraph-bench-gateway-'));
  const servicesProcess = await startChild(join(projectFolder(), 'dist/bench/gateway/services-process.js'), []);
  try {
    const supergraph = join(folder, 'supergraph.graphql');
    writeFileSync(supergraph, composeFor(servicesProcess.url));
    const scripts: Record<GatewayName, [string, string?]> = {
      caregraph: [join(projectFolder(), 'dist/bench/gateway/caregraph-process.js')],
      stockApollo: [join(peers, 'stock-apollo.mjs'), peers],
      hiveGateway: [join(peers, 'hive-gateway.mjs'), peers],
    };
    const answers = new Map<string, string>();
    let sameAnswers = true;
    const bench = empty();
    for (const name of gatewayNames) {
      const [script, cwd] = scripts[name];
      progress(`starting ${name}`);
      const gateway = await startChild(script, [supergraph, servicesProcess.url], cwd);
      try {
        for (const [part, delay] of Object.entries(delays) as [keyof typeof delays, number][]) {
          servicesProcess.tell({ delay });
          for (const operation of operationNames) {
            if (!(await answersAlike(gateway, operation, answers))) {
              progress(`${name} answers ${operation} otherwise than ${gatewayNames[0]}`);
              sameAnswers = false;
            }
            progress(`${name}: ${operation}, services take ${delay} ms`);
            const measured = {
              gateway,
              services: servicesProcess,
              operation: operations[operation],
              warmUpMs,
              measureMs,
            };
            bench[part][operation][name] = await measure(measured);
          }
        }
        servicesProcess.tell({ delay: delays.results });
        bench.firstRequest[name] = await measureFirst({ gateway }, operations.heavy);
      } finally {
        await gateway.stop();
      }
    }
    const { results, ...others } = bench;
    writePerformancePage({ sameAnswers, ...bench });
    return { ...results, sameAnswers, ...others };
  } finally {
    await servicesProcess.stop();
    rmSync(folder, { recursive: true });
  }
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
