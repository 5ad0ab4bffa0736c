// Exports all documents once, reading as fast as they come, and watches the memory of the program meanwhile.
import { request } from 'undici';
import { withExtraMemory } from '../extra-memory.ts';
import { rounded } from '../load.ts';
import { progress } from '../progress.ts';
import type { RunningProgram } from '../running-program.ts';
import { schemaName, type Viewers } from './setting.ts';

export interface Exported {
  readonly documents: number;
  readonly seconds: number;
  readonly bytes: number;
  /** The most that the program grew meanwhile, in MB. */
  readonly extraRssMB: number;
}

export async function exportAll({
  program,
  viewers,
}: {
  program: RunningProgram;
  viewers: Viewers;
}): Promise<Exported> {
  progress('exporting');
  const { result, extraRssMB } = await withExtraMemory(program, () => readExport(program.url, viewers.global));
  return { ...result, extraRssMB };
}

async function readExport(url: string, token: string): Promise<Omit<Exported, 'extraRssMB'>> {
  const start = performance.now();
  const { body, statusCode } = await request(`${url}/export/documents/${schemaName}`, {
    headers: { authorization: `Bearer ${token}` },
    bodyTimeout: 0,
  });
  if (statusCode !== 200) throw new Error(`The export answered ${statusCode}: ${await body.text()}`);
  let bytes = 0;
  let documents = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    for (const byte of chunk) if (byte === 10) documents += 1;
  }
  return { documents, seconds: rounded((performance.now() - start) / 1_000, 1), bytes };
}
