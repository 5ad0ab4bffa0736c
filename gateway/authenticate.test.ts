// What the gateway makes of an Authorization header.
import { describe, expect, test } from '@jest/globals';
import { identityFrom } from '../platform/identity/identity.ts';
import type { IdentityResolver, SignedRequest } from '../platform/identity/identity-resolver.ts';
import { createAuthenticate } from './authenticate.ts';

const asked: unknown[] = [];
const caller = { identity: identityFrom({ userId: '01900000-0000-7000-8000-000000000001' }) };
const expiresAt = new Date(1_800_000_000_000);
const identities: IdentityResolver = {
  fromToken: async (token: string) => {
    asked.push(token);
    return caller;
  },
  holderOf: async (token: string) => {
    asked.push(token);
    return { caller, expiresAt };
  },
  isOpen: () => Promise.reject(new Error('nobody asks this')),
  fromSignedRequest: async (request: SignedRequest) => {
    asked.push(request);
    return caller;
  },
  ofSignedIn: () => Promise.reject(new Error('nobody asks this')),
  ofUser: () => Promise.reject(new Error('nobody asks this')),
};
const authenticate = createAuthenticate(identities, 'https://example.org');
const request = { method: 'POST', url: '/graphql?a=1' };

describe('authentication', () => {
  test.each(['Basic YTpi', 'Bearer', 'Bearer a b', 'x', 'OAuth', 'OAuthx y="z"', ' '])(
    'refuses %j',
    async (authorization) => {
      await expect(authenticate(authorization, request)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    },
  );

  test('refuses a signature where there is no request that it could cover', async () => {
    await expect(authenticate('OAuth oauth_nonce="n"')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test.each([undefined, ''])('knows nobody without a header (%j)', async (authorization) => {
    expect((await authenticate(authorization, request)).identity.userId).toBeUndefined();
  });

  test('takes an access token from anywhere', async () => {
    asked.length = 0;
    for (const authorization of ['Bearer token', 'bearer  token']) {
      expect(await authenticate(authorization)).toBe(caller);
    }
    expect(asked).toEqual(['token', 'token']);
  });

  test('has a signature checked against the address that clients use', async () => {
    asked.length = 0;
    const authorization = 'oauth oauth_nonce="n"';
    expect(await authenticate(authorization, request)).toBe(caller);
    expect(asked).toEqual([{ method: 'POST', url: 'https://example.org/graphql?a=1', authorization }]);
  });
});
