// What @tus/server refuses, as our errors.
import { AppError, notFound } from '../../../platform/errors.ts';

interface TusRefusal {
  readonly status_code: number;
  readonly body: string;
}

export function isTusRefusal(error: unknown): error is TusRefusal {
  return typeof (error as Partial<TusRefusal> | undefined)?.status_code === 'number';
}

export function refusalOf({ status_code: status, body }: TusRefusal): AppError {
  if (status === 404 || status === 410) return notFound('File');
  if (status === 409) return standsElsewhere();
  if (status === 413) {
    return new AppError('FILE_TOO_LARGE', 'These are more bytes than announced, or than allowed.', { code: 2610 });
  }
  return new AppError('BAD_REQUEST', body.trim());
}

/** CONFLICT: the upload is not where the client took it to be. */
export function standsElsewhere(): AppError {
  return new AppError('CONFLICT', 'The upload stands elsewhere: ask where with HEAD, and go on from there.');
}
