// The plans that PostgreSQL made for the statements of a request, as it executed them: auto_explain writes them to the
// server's log.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Loader } from './loader.ts';

/** Of the server. Explaining is off until `openPlanLog`, for it takes time. */
export const explainSettings = {
  shared_preload_libraries: 'auto_explain',
  logging_collector: 'on',
  log_directory: 'log',
  log_filename: 'server.log',
  'auto_explain.log_format': 'json',
  'auto_explain.log_analyze': 'on',
  'auto_explain.log_timing': 'off',
} as const;

export interface Plan {
  readonly statement: string;
  /** Node type, index or table, rows: one line each, indented. */
  readonly nodes: readonly string[];
  readonly sequentialScans: number;
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

export interface PlanLog {
  /** The plans on the table of documents that were logged since the last call. */
  read(): Plan[];
}

/** Turns explaining on, for connections that are open as well. */
export async function openPlanLog({ run, pick }: Loader): Promise<PlanLog> {
  const { folder } = await pick<{ folder: string }>(`SELECT current_setting('data_directory') AS folder`);
  await run('ALTER SYSTEM SET auto_explain.log_min_duration = 0');
  await run('SELECT pg_reload_conf()');
  await delay(500);
  const file = join(folder, 'log', 'server.log');
  let position = statSync(file).size;
  return {
    read() {
      const log = readFileSync(file).subarray(position);
      position += log.length;
      return [...log.toString('utf8').matchAll(/plan:\n(\t?\{\n[\s\S]*?\n\t?\})(?=\n|$)/g)]
        .map(
          ([, json]) => JSON.parse((json ?? '').replaceAll('\n\t', '\n')) as { 'Query Text': string; Plan: PlanNode },
        )
        .filter(({ 'Query Text': text }) => /data\.documents\b/.test(text))
        .map(({ 'Query Text': text, Plan }) => ({
          statement: text.replace(/\s+/g, ' ').trim(),
          nodes: describe(Plan, 0),
          sequentialScans: countSequential(Plan),
        }));
    },
  };
}

function describe(node: PlanNode, depth: number): string[] {
  const on = node['Index Name'] ?? node['Relation Name'];
  const removed = node['Rows Removed by Filter'];
  const line = `${'  '.repeat(depth)}${node['Node Type']}${on === undefined ? '' : ` ${on}`}: ${node['Actual Rows']} rows${removed === undefined ? '' : `, ${removed} filtered out`}`;
  return [line, ...(node.Plans ?? []).flatMap((inner) => describe(inner, depth + 1))];
}

function countSequential(node: PlanNode): number {
  const own = node['Node Type'].includes('Seq Scan') && node['Relation Name'] === 'documents' ? 1 : 0;
  return (node.Plans ?? []).reduce((sum, inner) => sum + countSequential(inner), own);
}
