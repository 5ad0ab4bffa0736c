// Writes docs/performance.md out of what the bench of gateways has measured.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { projectFolder } from '../../platform/project-folder.ts';
import type { GatewayBench, GatewayName } from './gateway-bench.ts';
import type { Figures } from './measure.ts';
import { type OperationName, operationNames } from './operations.ts';

const names: Record<GatewayName, string> = {
  caregraph: 'Caregraph',
  stockApollo: 'Apollo Server + Gateway',
  hiveGateway: 'Hive Gateway',
};
const asked: Record<OperationName, string> = {
  heavy: 'The query of the public benchmark of federated gateways: users, their reviews, products, and back again',
  small: 'A small query: oneself with reviews, of two services',
  list: 'A hundred products of three services, with other variables each time',
  mutation: 'A mutation whose answer takes three services',
};

export function writePerformancePage(bench: GatewayBench): void {
  writeFileSync(join(projectFolder(), 'docs/performance.md'), page(bench));
}

function page({ results, slowServices, firstRequest, sameAnswers }: GatewayBench): string {
  const first = Object.entries(firstRequest).map(([name, ms]) => `${names[name as GatewayName]} ${ms} ms`);
  return `# Performance of the gateway

This page is written by \`npm run bench -- gateway\`. It measures Caregraph's gateway beside others in one run: each in a
process of its own, in front of the same four services in another process that answer from memory; 20 requests at a time, by
turns in short rounds, of which the one with the median CPU time is shown. Between machines only ratios mean anything.

Measured on ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), Node ${process.versions.node}.

Caregraph is measured with everything that its gateway does to an operation (authentication, limits, cost, metrics), the others as
their documentation shows them. It runs with the flags for Node that \`npm run start:gateway\` sets.
CPU is what the gateway's process uses for one operation; calls are requests to services.
${sameAnswers ? 'All gateways answered every operation with the same data, byte for byte.' : '**The gateways did not answer every operation alike.**'}

## Services that answer in 1 ms

${tables(results)}

## Services that answer in 50 ms

${tables(slowServices)}

## An operation that was never seen

The first request of the heavy query under another name, on a gateway that is warm, at the median: ${first.join(', ')}.
`;
}

function tables(comparisons: GatewayBench['results']): string {
  return operationNames.map((name) => `### ${asked[name]}\n\n${table(comparisons[name])}`).join('\n\n');
}

const columns: readonly (readonly [string, (figures: Figures) => string])[] = [
  ['CPU, ms', ({ cpuMs }) => cpuMs.toFixed(2)],
  ['Requests/s', ({ rps }) => rps.toFixed(0)],
  ['p50, ms', ({ p50 }) => p50.toFixed(1)],
  ['p99, ms', ({ p99 }) => p99.toFixed(1)],
  ['Memory, MB', ({ rssMB }) => rssMB.toFixed(0)],
  ['Calls', ({ calls }) => `${calls}`],
  ['Duplicate representations', ({ duplicates }) => `${duplicates}`],
];

function table(comparison: Record<GatewayName, Figures>): string {
  const rows = [
    ['', ...columns.map(([title]) => title)],
    ...Object.entries(comparison).map(([name, figures]) => [
      names[name as GatewayName],
      ...columns.map(([, show]) => show(figures)),
    ]),
  ];
  const widths = columns.map((_, index) => Math.max(...rows.map((row) => row[index + 1]?.length ?? 0)));
  widths.unshift(Math.max(...rows.map(([name = '']) => name.length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...body.map(line)].join('\n');
}
