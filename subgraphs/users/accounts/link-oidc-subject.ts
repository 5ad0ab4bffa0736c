// Links an account to a subject of an OpenID Connect provider: from then on that is the only way in.
import { AppError, notFound } from '../../../platform/errors.ts';
import { requireId } from '../../../platform/ids.ts';
import type { UsersDatabase } from '../store.ts';
import { insertLink, isLinked, lockSubject } from './link-store.ts';
import { type OidcSubjectInput, requireSubject } from './oidc-subject.ts';
import { lockAccount, replacePassword } from './store.ts';

/** ILLEGAL_STATE when the user is linked already, ALREADY_EXISTS when somebody else is linked to the subject. */
export async function linkOidcSubject(database: UsersDatabase, given: string, input: OidcSubjectInput): Promise<void> {
  const userId = requireId(given, 'userId');
  const subject = requireSubject(input);
  await database.write(async (tx) => {
    await lockSubject(tx.db, subject);
    if ((await lockAccount(tx.db, { id: userId })) === null) throw notFound('User', 'userId');
    if (await isLinked(tx.db, userId)) {
      throw new AppError('ILLEGAL_STATE', 'The user is linked to a provider already: undo that link first.', {
        code: 27,
      });
    }
    if (!(await insertLink(tx.db, { userId, ...subject }))) {
      throw new AppError('ALREADY_EXISTS', 'Somebody else is linked to this subject of the provider.', {
        field: 'input.subjectId',
        code: 17,
      });
    }
    await replacePassword(tx.db, userId, null);
    tx.publish({ type: 'user_oidc_linked', content: { userId, providerId: subject.providerId } });
    tx.bumpAccess([userId]);
  });
}
