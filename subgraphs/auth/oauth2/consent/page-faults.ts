// Errors as a person reads them on a consent page.
import { AppError } from '../../../../platform/errors.ts';
import type { Texts } from './texts.ts';

export type FaultKind =
  | 'missing'
  | 'wrongPassword'
  | 'wait'
  | 'waitMinute'
  | 'locked'
  | 'otherProvider'
  | 'wrongCode'
  | 'tooLong';

export interface Fault {
  readonly kind: FaultKind;
  /** HTTP. */
  readonly status: number;
  /** How long to wait. */
  readonly seconds: number;
}

const kinds: Readonly<Record<number, readonly [FaultKind, number]>> = {
  106: ['wrongPassword', 401],
  130: ['wrongCode', 400],
  131: ['tooLong', 400],
  134: ['wait', 400],
  211: ['wait', 401],
  212: ['waitMinute', 401],
  213: ['locked', 401],
  215: ['otherProvider', 403],
};

/** Throws what the user cannot mend. */
export function faultOf(error: unknown): Fault {
  if (!(error instanceof AppError)) throw error;
  if (error.code === 'BAD_USER_INPUT') return { kind: 'missing', status: 400, seconds: 0 };
  const [kind, status] = kinds[error.details?.code ?? 0] ?? [];
  if (kind === undefined || status === undefined) throw error;
  const remaining = error.details?.remainingDelay;
  return { kind, status, seconds: typeof remaining === 'number' ? Math.max(1, Math.ceil(remaining / 1_000)) : 1 };
}

export function faultText(texts: Texts, { kind, seconds }: Fault): string {
  return kind === 'wait' ? texts.waitSeconds(seconds) : texts[kind];
}
