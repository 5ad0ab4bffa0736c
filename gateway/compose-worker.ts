// The thread that compose-apart.ts starts: composes once, answers, ends.
import { parentPort, workerData } from 'node:worker_threads';
import { type Contract, compose } from './compose.ts';
import type { Composed } from './compose-apart.ts';

function composed(): Composed {
  try {
    return { supergraphSdl: compose(workerData as readonly Contract[]).supergraphSdl };
  } catch (error) {
    return { refusal: (error as Error).message };
  }
}

parentPort?.postMessage(composed());
