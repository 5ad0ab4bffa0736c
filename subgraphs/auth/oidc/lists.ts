// Lists of providers and of attempts to sign in through them. Who may ask may see all of them.
import { invalidInput } from '../../../platform/errors.ts';
import { requireId } from '../../../platform/ids.ts';
import { listRows } from '../../../platform/paging/list-rows.ts';
import type { Connection, PageArguments } from '../../../platform/paging/page.ts';
import { isStorable } from '../../../platform/text.ts';
import type { AuthDatabase } from '../auth-parts.ts';
import type { OidcLoginAttemptModel, OidcProviderModel } from '../models.ts';
import { attemptRows, providerRows } from './store.ts';

type Maybe<T> = T | null | undefined;

export async function listProviders(
  { db }: AuthDatabase,
  args: PageArguments & { readonly name?: Maybe<string> },
): Promise<Connection<OidcProviderModel>> {
  const name = args.name ?? undefined;
  if (name !== undefined && !isStorable(name))
    throw invalidInput('name', 'it holds a character that cannot be stored.');
  return listRows(db, providerRows, { args, where: name === undefined ? {} : { name } });
}

export interface AttemptsArguments extends PageArguments {
  readonly providerId?: Maybe<string>;
  readonly userId?: Maybe<string>;
  readonly status?: Maybe<OidcLoginAttemptModel['status']>;
}

export async function listAttempts(
  { db }: AuthDatabase,
  args: AttemptsArguments,
): Promise<Connection<OidcLoginAttemptModel>> {
  const where = {
    ...(typeof args.providerId === 'string' ? { providerId: requireId(args.providerId, 'providerId') } : {}),
    ...(typeof args.userId === 'string' ? { userId: requireId(args.userId, 'userId') } : {}),
    ...(typeof args.status === 'string' ? { status: args.status } : {}),
  };
  return listRows(db, attemptRows, { args, where });
}
