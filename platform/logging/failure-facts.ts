// What the log may hold of an exception: where and how it failed, not with what. The message of an error that is not
// ours may quote personal data, such as the address that a mail server refuses.
import { AppError } from '../errors.ts';

export interface FailureFacts {
  readonly name: string;
  readonly code?: string | number;
  /** Ours only. */
  readonly message?: string;
  /** The frames, without the message above them. */
  readonly at: readonly string[];
}

const frames = 8;

export function failureFacts(error: unknown): FailureFacts {
  if (!(error instanceof Error)) return { name: typeof error, at: [] };
  return {
    name: error.name,
    ...codeOf(error),
    ...(error instanceof AppError ? { message: error.message } : {}),
    at: framesOf(error)
      .slice(0, frames)
      .map((line) => line.trim()),
  };
}

/** Nothing where it has none. */
export function codeOf(error: Error): { readonly code?: string | number } {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' || typeof code === 'number' ? { code } : {};
}

/** The lines of its stack without the message above them. */
export function framesOf({ stack = '' }: Error): string[] {
  return stack.split('\n').filter((line) => /^\s+at /.test(line));
}
