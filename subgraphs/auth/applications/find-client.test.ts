// Whose a client id or a consumer key is, and whether the secret that comes with it fits.
import { expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import { startTestDatabase } from '../../../tests/support/database.ts';
import type { AuthTable } from '../auth-parts.ts';
import { hashToken, newToken } from '../tokens.ts';
import { findVersionByKey, verifyClientSecret } from './find-client.ts';

test('a key is found with its version and its application, as they are stored', async () => {
  const database = await startTestDatabase();
  const { db } = database.forService<AuthTable>('auth');
  const application = await db.application.create({
    data: {
      id: newId(),
      type: 'OAUTH2',
      name: 'Portal "é"',
      description: 'For patients',
      logo: null,
      redirectUris: ['https://example.org/a,b', 'app://{"x"}'],
      confidential: true,
    },
  });
  const secrets = { secretHash: hashToken(newToken()), sealedSecret: null };
  const { updatedAt: _, ...version } = await db.applicationVersion.create({
    data: { id: newId(), applicationId: application.id, name: 'v1', key: newToken(), ...secrets },
  });
  expect(await findVersionByKey(db, newToken())).toBeNull();
  expect(await findVersionByKey(db, version.key)).toEqual({ version, application });
  await database.close();
});

test('a secret fits when it is the one that was given out, and nothing fits where there is none', () => {
  const secret = newToken();
  const version = { secretHash: hashToken(secret) };
  for (const wrong of ['', newToken(), secret.slice(1), `${secret} `, hashToken(secret)]) {
    expect(verifyClientSecret(version, wrong)).toBe(false);
  }
  for (const any of ['', 'null', secret]) expect(verifyClientSecret({ secretHash: null }, any)).toBe(false);
  expect(verifyClientSecret(version, secret)).toBe(true);
});
