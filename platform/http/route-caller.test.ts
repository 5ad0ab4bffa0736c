// What of a client's headers goes on to the service that answers.
import { expect, test } from '@jest/globals';
import { anonymous, identityFrom } from '../identity/identity.ts';
import { createCallerSigner, createCallerVerifier } from '../identity/signed-caller.ts';
import { createRouteAuthentication, routeHeaders } from './route-caller.ts';

const options = { signer: createCallerSigner('a secret of more than 32 characters', Date.now), audience: 'files' };

test('a header that the way to the service has for itself stays behind', async () => {
  // curl announces larger uploads with `Expect`; it is answered before they get here, and cannot be sent on.
  const given = { host: 'example.org', connection: 'close', expect: '100-continue', 'transfer-encoding': 'chunked' };
  expect(await routeHeaders({ ...given, range: 'bytes=0-9' }, { identity: anonymous }, options)).toEqual({
    range: 'bytes=0-9',
  });
});

test('credentials that are not good are passed on as such, and refused where they are needed', async () => {
  const secret = 'a secret of more than 32 characters';
  const headers = await routeHeaders({ authorization: 'Bearer old' }, undefined, options);
  const unasked = () => Promise.reject(new Error());
  const identities = {
    fromToken: unasked,
    holderOf: unasked,
    isOpen: unasked,
    fromSignedRequest: unasked,
    ofSignedIn: unasked,
    ofUser: unasked,
  };
  const authentication = createRouteAuthentication(createCallerVerifier(secret, 'files', Date.now), identities);
  const identify = (given: object) => authentication.identify({ headers: given } as never);
  await expect(identify(headers)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  await expect(identify({ 'x-caregraph-caller': 'forged' })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  expect(await identify({})).toBe(anonymous);
});

test('the service learns who calls and through which application, and asks by itself what the user may do', async () => {
  const [userId, applicationId] = ['01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000002'];
  const unasked = () => Promise.reject(new Error());
  const ofUser = async () => identityFrom({ userId, permissions: ['VIEW_FILES'] });
  const identities = {
    fromToken: unasked,
    holderOf: unasked,
    isOpen: unasked,
    fromSignedRequest: unasked,
    ofSignedIn: unasked,
    ofUser,
  };
  const verifier = createCallerVerifier('a secret of more than 32 characters', 'files', Date.now);
  const authentication = createRouteAuthentication(verifier, identities);
  const identity = identityFrom({ userId, applicationId, permissions: ['DELETE_USER'] });
  const headers = await routeHeaders({}, { identity }, options);
  const known = await authentication.identify({ headers } as never);
  expect(known).toEqual(identityFrom({ userId, applicationId, permissions: ['VIEW_FILES'] }));
});

test('a client cannot say by itself who calls', async () => {
  const given = { 'x-caregraph-caller': 'forged', authorization: 'Bearer token' };
  expect(await routeHeaders(given, { identity: anonymous }, options)).toEqual({});
  const identity = identityFrom({ userId: '01900000-0000-7000-8000-000000000001' });
  const { 'x-caregraph-caller': caller } = await routeHeaders(given, { identity }, options);
  expect(caller).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
});
