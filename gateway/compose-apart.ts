// Composes contracts in a thread of its own: it takes a second or two, in which requests go on, and memory, which is
// given back with the thread.
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { projectFolder } from '../platform/project-folder.ts';
import type { Contract } from './compose.ts';
import { findReadySupergraph } from './ready-supergraph.ts';

/** What became of contracts: a supergraph, or why they do not compose. */
export type Composed =
  | { readonly supergraphSdl: string; readonly refusal?: undefined }
  | { readonly refusal: string; readonly supergraphSdl?: undefined };

/** No contract of people takes that long; one that was made to take for ever must not. */
const patienceMilliseconds = 120_000;

/** Rejects when it cannot be found out whether they compose. */
export async function composeApart(contracts: readonly Contract[]): Promise<Composed> {
  const ready = findReadySupergraph(contracts);
  if (ready !== undefined) return { supergraphSdl: ready };
  const thread = new Worker(join(projectFolder(), 'dist', 'gateway', 'compose-worker.js'), {
    workerData: contracts.map(({ name, sdl }) => ({ name, sdl })),
  });
  try {
    return await new Promise<Composed>((resolve, reject) => {
      const late = () => resolve({ refusal: 'Composing the contracts takes too long.' });
      const timer = setTimeout(late, patienceMilliseconds).unref();
      thread.once('message', (message) => resolve(message as Composed));
      thread.once('error', reject);
      thread.once('exit', () => {
        clearTimeout(timer);
        reject(new Error('The thread that composes has ended without an answer.'));
      });
    });
  } finally {
    await thread.terminate();
  }
}
