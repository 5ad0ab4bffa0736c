// Lists mail that was not sent, where the outbox may be looked at.
import type { Config } from '../../../platform/config.ts';
import { AppError } from '../../../platform/errors.ts';
import { pageRequest } from '../../../platform/paging/page.ts';
import { isStorable } from '../../../platform/text.ts';
import type { OutboxMailModel } from '../models.ts';
import { showsOutbox } from './shows-outbox.ts';
import type { OutboxDb } from './store.ts';
import { findOutboxMails } from './store.ts';

export interface OutboxParts {
  readonly config: Pick<Config, 'production' | 'allInOne'>;
  readonly database: { readonly db: OutboxDb };
}

export interface OutboxArguments {
  readonly to?: string | null;
  readonly first?: number | null;
}

/** Newest first. ILLEGAL_STATE in production, and where services run in processes of their own. */
export async function listOutbox(
  { config, database }: OutboxParts,
  { to, first }: OutboxArguments,
): Promise<OutboxMailModel[]> {
  if (!showsOutbox(config)) {
    throw new AppError(
      'ILLEGAL_STATE',
      'The outbox can be read only while everything runs in one process, outside production.',
    );
  }
  const { limit } = pageRequest({ first: first ?? null }, 'outbox');
  const address = to?.trim().toLowerCase();
  // No mail has an address that no database can hold.
  if (address !== undefined && !isStorable(address)) return [];
  return findOutboxMails(database.db, { to: address, limit });
}
