// Signs in who has proven to be a subject of an OpenID Connect provider. The first time makes an account, whose address
// and names are copied once and are the user's own from then on.
import { invalidInput, invariant } from '../../../platform/errors.ts';
import { newId } from '../../../platform/ids.ts';
import { requireEmail } from '../account-input.ts';
import type { UsersDatabase, UsersTransaction } from '../store.ts';
import { addressTaken, insertAccount } from './create-account.ts';
import { findLinkedUser, insertLink, type LinkedUser, lockSubject, type Subject } from './link-store.ts';
import { nameFrom, type OidcSubjectInput, requireSubject } from './oidc-subject.ts';

/** ALREADY_EXISTS when another account has the address: its user has to link it. BAD_USER_INPUT without an address. */
export async function authenticateWithOidc(database: UsersDatabase, input: OidcSubjectInput): Promise<LinkedUser> {
  const subject = requireSubject(input);
  const known = await findLinkedUser(database.db, subject);
  if (known !== null) return known;
  const account = accountFrom(input);
  return database.write(async (tx) => {
    // Of several first sign-ins at once, one makes the account and the others find it.
    await lockSubject(tx.db, subject);
    return (await findLinkedUser(tx.db, subject)) ?? (await createLinkedAccount(tx, subject, account));
  });
}

type LinkedAccount = ReturnType<typeof accountFrom>;

function accountFrom(input: OidcSubjectInput) {
  if (input.email == null) throw invalidInput('input.email', 'the provider tells no address: an account needs one.');
  const email = requireEmail(input.email, 'input.email');
  const beforeAt = email.slice(0, email.indexOf('@'));
  return {
    email,
    firstName: nameFrom(input.firstName, nameFrom(beforeAt, '')),
    lastName: nameFrom(input.lastName, ''),
    language: 'EN',
    phoneNumber: null,
    activation: input.emailVerified,
    passwordHash: null,
  };
}

async function createLinkedAccount(
  tx: UsersTransaction,
  subject: Subject,
  account: LinkedAccount,
): Promise<LinkedUser> {
  const user = await insertAccount(tx, { id: newId(), ...account });
  if (user === null) throw addressTaken();
  invariant(await insertLink(tx.db, { userId: user.id, ...subject }), 'a locked subject without a user has no link');
  tx.publish({ type: 'user_oidc_linked', content: { userId: user.id, providerId: subject.providerId } });
  const linked = await findLinkedUser(tx.db, subject);
  invariant(linked !== null, 'a link that was just made is there');
  return linked;
}
