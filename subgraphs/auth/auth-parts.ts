// What the modules of this service are built from.
import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import type { ServiceDatabase, WriteTransaction } from '../../platform/database/database.ts';
import type { Sealing } from '../../platform/sealing.ts';
import type { Logger } from '../../platform/subgraph/context.ts';
import type { UsersService } from './users-service.ts';

export type AuthTable =
  | 'application'
  | 'applicationVersion'
  | 'session'
  | 'accessToken'
  | 'refreshToken'
  | 'oAuth2Authorization'
  | 'oAuth1Token'
  | 'oAuth1Nonce'
  | 'ssoToken'
  | 'presenceToken'
  | 'mfaSetting'
  | 'mfaMethod'
  | 'mfaChallenge'
  | 'oidcProvider'
  | 'oidcRequest'
  | 'oidcLoginAttempt';

export type AuthDatabase = ServiceDatabase<AuthTable>;
export type AuthTransaction = WriteTransaction<AuthTable>;

export interface AuthParts {
  readonly database: AuthDatabase;
  readonly users: UsersService;
  readonly config: Config;
  /** Seals what must be read back: secrets of OAuth 1 and TOTP, and those of OpenID Connect clients. */
  readonly sealing: Sealing;
  readonly log: Logger;
  /** For what runs outside of a request, as jobs do; a request has its own moment, `now`. */
  readonly clock: Clock;
}
