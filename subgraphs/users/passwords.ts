// Passwords as they are stored: argon2id hashes. Takes tens of milliseconds by design, so never inside a transaction.
import { hash, verify } from '@node-rs/argon2';

/** What OWASP recommends for argon2id (which is the library's default); changing it leaves stored hashes valid. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** The hash of a password that nobody knows, with the same cost as any other. */
export const nobodysHash =
  '$argon2id$v=19$m=19456,t=2,p=1$aR6QuGnzZbYGkygAHhjwvA$xDdEmkaErmPXw36KyNKIQz0e7wEvgJ5a4K8hitBxE9s';

export function hashPassword(password: string): Promise<string> {
  return hash(password, cost);
}

/** Without a hash, as for an account that there is not: false, after the same work. */
export async function verifyPassword(passwordHash: string | undefined, password: string): Promise<boolean> {
  const right = await verify(passwordHash ?? nobodysHash, password);
  return right && passwordHash !== undefined;
}
