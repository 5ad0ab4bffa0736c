// Passwords as they are stored: argon2id hashes. Takes tens of milliseconds by design, so never inside a transaction.
import { availableParallelism } from 'node:os';
import { hash, verify } from '@node-rs/argon2';
import { createWorkQueue, type WorkQueue } from '../../../platform/work-queue.ts';

/** What OWASP recommends for argon2id (which is the library's default); changing it leaves stored hashes valid. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** The hash of a password that nobody knows, with the same cost as any other. */
export const nobodysHash =
  '$argon2id$v=19$m=19456,t=2,p=1$aR6QuGnzZbYGkygAHhjwvA$xDdEmkaErmPXw36KyNKIQz0e7wEvgJ5a4K8hitBxE9s';

/**
 * One for the process. Hashes run in libuv's pool of four threads, which files and names of hosts need, too: a thread
 * and a processor stay free for the rest of the program. With 30 ms for a hash and one at a time, a line of 500 is
 * served in 15 s.
 */
const queue = createWorkQueue({
  atOnce: Math.max(1, Math.min(availableParallelism() - 1, 3)),
  mostWaiting: 500,
  longestWait: 30_000,
  busy: 'Too many passwords are being checked: try again in a moment.',
});

/** Whatever work needs a hash, once it is its turn; SERVICE_UNAVAILABLE when that would take too long. */
export const inTurn: WorkQueue['run'] = (work) => queue.run(work);

export function hashPassword(password: string): Promise<string> {
  return inTurn(() => hash(password, cost));
}

/** Inside a turn. Without a hash, as for an account that there is not: false, after the same work. */
export async function verifyPassword(passwordHash: string | undefined, password: string): Promise<boolean> {
  const right = await verify(passwordHash ?? nobodysHash, password);
  return right && passwordHash !== undefined;
}
