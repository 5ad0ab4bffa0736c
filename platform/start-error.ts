// What an operator has to put right before a program can start: told in plain words, without a stack.
import { inspect } from 'node:util';

export class StartError extends Error {
  override readonly name = 'StartError';
}

/** Runs a composition root; when it fails, says why and ends the process with code 1. */
export async function runProgram(start: () => Promise<void>): Promise<void> {
  try {
    await start();
  } catch (error) {
    process.stderr.write(error instanceof StartError ? `${error.message}\n` : `${inspect(error)}\n`);
    process.exit(1);
  }
}
