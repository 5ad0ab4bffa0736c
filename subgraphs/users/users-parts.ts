// What the modules of this service are built from.

import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import type { Database } from '../../platform/database/database.ts';
import type { Logger } from '../../platform/subgraph/context.ts';
import type { Mailer } from './mail/mailer.ts';
import type { UsersDatabase } from './store.ts';

export interface UsersParts {
  readonly database: UsersDatabase;
  readonly versions: Pick<Database, 'accessVersions'>;
  readonly config: Config;
  readonly clock: Clock;
  readonly mailer: Mailer;
  readonly log: Logger;
  /** A key for HMACs of what is short enough to be guessed from a plain hash: pin codes, unknown addresses. */
  readonly hmacKey: Uint8Array;
}
