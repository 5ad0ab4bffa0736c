// Which version of which application a client id or a consumer key names, and whether the secret that comes with it fits.
import { isSameText } from '../../../platform/is-same-text.ts';
import { hashToken } from '../tokens.ts';
import type { StoredVersion } from './store.ts';

export { type Client, findVersionByKey, type StoredVersion } from './store.ts';

/** False, too, for a version that has no secret of OAuth 2. Takes the same time for every secret. */
export function verifyClientSecret({ secretHash }: Pick<StoredVersion, 'secretHash'>, secret: string): boolean {
  return isSameText(hashToken(secret), secretHash ?? hashToken('')) && secretHash !== null;
}
