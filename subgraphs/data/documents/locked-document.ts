// A document is locked while one of its transitions waits (`delay`): nobody changes it, so that what the transition
// makes of it stays true.
import { AppError } from '../../../platform/errors.ts';
import type { DocumentModel } from '../models.ts';
import { findRun } from './run-store.ts';
import type { Db } from './store.ts';

/** So long after the moment at which it was to go on, a transition counts as lost. */
const patienceMs = 5 * 60_000;

/** LOCKED_DOCUMENT while a transition waits. A lock that nobody will take away any more is ignored. */
export async function requireUnlocked(db: Db, { id, lockedAt }: DocumentModel, now: number): Promise<void> {
  if (lockedAt === null) return;
  const run = await findRun(db, id);
  const resumeAt = run?.resumeAt ?? lockedAt.getTime();
  if (now < resumeAt + patienceMs) throw new AppError('LOCKED_DOCUMENT', undefined, { code: 415 });
}
