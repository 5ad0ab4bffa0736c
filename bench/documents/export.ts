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
  /** Its resident memory after each tenth of the bytes, in MB: what does not grow with the result stays level. */
  readonly rssMB: readonly number[];
}

/** What an export of so many documents weighs, about: only to know when a tenth of it has come. */
const bytesOfDocument = 545;

export interface ExportBench {
  readonly program: RunningProgram;
  readonly viewers: Viewers;
  /** How many there are, about. */
  readonly expected: number;
}

export async function exportAll(bench: ExportBench): Promise<Exported> {
  progress('exporting');
  const { result, extraRssMB } = await withExtraMemory(bench.program, () => readExport(bench));
  return { ...result, extraRssMB };
}

async function readExport({ program, viewers, expected }: ExportBench): Promise<Omit<Exported, 'extraRssMB'>> {
  const start = performance.now();
  const { body, statusCode } = await request(`${program.url}/export/documents/${schemaName}`, {
    headers: { authorization: `Bearer ${viewers.global}` },
    bodyTimeout: 0,
  });
  const tenth = (expected * bytesOfDocument) / 10;
  const rssMB: number[] = [];
  if (statusCode !== 200) throw new Error(`The export answered ${statusCode}: ${await body.text()}`);
  let bytes = 0;
  let documents = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    while (bytes > tenth * (rssMB.length + 1)) rssMB.push(program.rssMB());
    for (const byte of chunk) if (byte === 10) documents += 1;
  }
  return { documents, seconds: rounded((performance.now() - start) / 1_000, 1), bytes, rssMB };
}
