// What the log may hold of an exception: where and how it failed, not with what. The message of an error that is not
// ours may quote personal data, such as the address that a mail server refuses.
import { AppError } from '../errors.ts';

export interface FailureFacts {
  readonly name: string;
  readonly code?: unknown;
  /** Ours only. */
  readonly message?: string;
  /** The frames, without the message above them. */
  readonly at: readonly string[];
}

const frames = 8;

export function failureFacts(error: unknown): FailureFacts {
  if (!(error instanceof Error)) return { name: typeof error, at: [] };
  const { code } = error as { code?: unknown };
  return {
    name: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(error instanceof AppError ? { message: error.message } : {}),
    at: (error.stack ?? '')
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .slice(0, frames)
      .map((line) => line.trim()),
  };
}
