// Checks a password and counts when it is wrong: the one way in which a password is ever checked. The hash is computed
// outside any transaction; what was committed meanwhile is looked at again under a lock, so that guesses made at the
// same time gain nothing.
import { createHmac } from 'node:crypto';
import { AppError } from '../../../platform/errors.ts';
import { isStorable } from '../../../platform/text.ts';
import type { UsersTransaction } from '../store.ts';
import type { UsersParts } from '../users-parts.ts';
import { throttle } from './ladder.ts';
import { inTurn, verifyPassword } from './passwords.ts';
import type { Account, Address, UnknownAddress } from './store.ts';
import {
  clearFailures,
  countFailure,
  countUnknownFailure,
  findByAddress,
  findById,
  lockAccount,
  lockUnknownAddress,
} from './store.ts';

/** A user who has proven to be that user. */
export interface Authentication {
  readonly userId: string;
  /** What a session or token that starts now is started at. */
  readonly credentialVersion: number;
}

export type PasswordParts = Pick<UsersParts, 'database' | 'hmacKey'>;

export interface PasswordCheck {
  /** Whose password: that of who has an address, or of a user. */
  readonly of: { readonly email: string } | { readonly userId: string };
  readonly password: string;
  /** When the request arrived, in epoch milliseconds: waiting for one's turn counts neither for nor against anybody. */
  readonly now: number;
  /** Work for when the password is right, before the transaction; what comes of it runs in the transaction. */
  readonly whenRight?: () => Promise<Effect>;
}

export type Effect = (tx: UsersTransaction, userId: string) => Promise<void>;

interface Compared {
  readonly account: Account | UnknownAddress;
  readonly right: boolean;
  readonly now: number;
  readonly effect: Effect | undefined;
}

type Outcome =
  | { readonly kind: 'right'; readonly authentication: Authentication }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'refused'; readonly error: AppError }
  /** The account changed while its password was checked. */
  | { readonly kind: 'outdated' };

const attempts = 3;

/**
 * Null when the password is wrong. LOGIN_TIMEOUT, LOGIN_FREEZE, TOO_MANY_FAILED_ATTEMPTS: it was not looked at, and not
 * counted. DISABLED_FOR_OIDC_USERS: there is none; whoever asks by address hears it after the same work as for others.
 */
export async function checkPassword(parts: PasswordParts, check: PasswordCheck): Promise<Authentication | null> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const compared = await inTurn(() => compare(parts, check));
    if (compared === null) return null;
    const effect = compared.right ? await check.whenRight?.() : undefined;
    const outcome = await settle(parts, { ...compared, now: check.now, effect });
    if (outcome.kind === 'right') return outcome.authentication;
    if (outcome.kind === 'refused') throw outcome.error;
    if (outcome.kind === 'wrong') {
      requireOwnPassword(compared.account);
      return null;
    }
  }
  throw new AppError('CONFLICT');
}

/**
 * Null: no such user. The account is read when it is the password's turn, not before: of many guesses in the line,
 * those behind a failure cost no hash any more, and a rush of sign-ins does not become a rush on the database.
 */
async function compare(
  parts: PasswordParts,
  check: PasswordCheck,
): Promise<Pick<Compared, 'account' | 'right'> | null> {
  const account = await findAccount(parts, check.of);
  if (account === null) return null;
  if ('userId' in check.of) requireOwnPassword(account);
  const refusal = throttle(account, check.now);
  if (refusal !== undefined) throw refusal;
  const passwordHash = account.userId === null ? null : account.passwordHash;
  return { account, right: await verifyPassword(passwordHash ?? undefined, check.password) };
}

function findAccount(
  { database: { db }, hmacKey }: PasswordParts,
  of: PasswordCheck['of'],
): Promise<Account | UnknownAddress | null> {
  return 'userId' in of ? findById(db, of.userId) : findByAddress(db, addressOf(of.email, hmacKey));
}

function addressOf(given: string, hmacKey: Uint8Array): Address {
  const email = given.toLowerCase();
  // What the database cannot hold is looked for all the same, as an address that no account has.
  return {
    email: isStorable(email) ? email : '',
    hash: createHmac('sha256', hmacKey).update(email).digest('base64url'),
  };
}

function requireOwnPassword(account: Account | UnknownAddress): void {
  if (account.userId !== null && account.linked)
    throw new AppError('DISABLED_FOR_OIDC_USERS', undefined, { code: 215 });
}

async function settle({ database }: PasswordParts, compared: Compared): Promise<Outcome> {
  const { account, right, effect } = compared;
  if (right && account.userId !== null && effect === undefined) {
    // Most sign-ins: nothing to write. The lock of a single statement still waits for whoever is writing.
    const now = await lockAccount(database.db, account.userId);
    if (now?.failedCount === 0) return judge(compared, now);
  }
  // What failed must be counted for good, so the transaction answers a refusal instead of throwing it.
  return database.write(async (tx) => {
    const locked = await lock(tx, account);
    const outcome = judge(compared, locked);
    if (outcome.kind === 'wrong') await count(tx, account, new Date(compared.now));
    if (outcome.kind === 'right') {
      const { userId } = outcome.authentication;
      if (locked !== null && locked.failedCount > 0) await clearFailures(tx.db, userId);
      await effect?.(tx, userId);
    }
    return outcome;
  });
}

// Known and unknown take as many statements.

function lock({ db }: UsersTransaction, account: Account | UnknownAddress): Promise<Account | UnknownAddress | null> {
  return account.userId === null ? lockUnknownAddress(db, account.addressHash) : lockAccount(db, account.userId);
}

function count({ db }: UsersTransaction, account: Account | UnknownAddress, at: Date): Promise<void> {
  return account.userId === null
    ? countUnknownFailure(db, account.addressHash, at)
    : countFailure(db, account.userId, at);
}

/** What comes of a password that was compared, by what was committed meanwhile (null: the user is gone). */
function judge({ account, right, now }: Compared, locked: Account | UnknownAddress | null): Outcome {
  if (locked === null || isChanged(account, locked)) return { kind: 'outdated' };
  const refusal = throttle(locked, now);
  if (refusal !== undefined) return { kind: 'refused', error: refusal };
  if (!right || locked.userId === null) return { kind: 'wrong' };
  return { kind: 'right', authentication: { userId: locked.userId, credentialVersion: locked.credentialVersion } };
}

/** Whether what was compared is no longer what holds. */
function isChanged(before: Account | UnknownAddress, now: Account | UnknownAddress): boolean {
  if (before.userId === null || now.userId === null) return false;
  return (
    before.passwordHash !== now.passwordHash ||
    before.credentialVersion !== now.credentialVersion ||
    before.email !== now.email ||
    before.linked !== now.linked
  );
}
