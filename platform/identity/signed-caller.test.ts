import { describe, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { newId } from '../ids.ts';
import type { Caller } from './identity.ts';
import { identityData, identityFrom } from './identity.ts';
import { createCallerSigner, createCallerVerifier } from './signed-caller.ts';

const secret = 'a secret of more than 32 characters for tests';
let time = Date.parse('2026-11-21T12:00:00Z');
const now = () => time;
const signer = createCallerSigner(secret, now);
const verifier = createCallerVerifier(secret, 'users', now);
const caller: Caller = {
  identity: identityFrom({
    userId: newId(),
    permissions: ['VIEW_USER'],
    staff: Array.from({ length: 1_000 }, () => ({ groupId: newId(), permissions: ['VIEW_DOCUMENTS'] })),
    patient: [{ groupId: newId(), expiresAt: time + 5_000 }, { groupId: newId() }],
  }),
  service: 'auth',
  sessionId: newId(),
};
const refused = expect.objectContaining({ code: 'UNAUTHENTICATED' });

describe('a signed caller', () => {
  test('is refused when it is missing, no token, or for another subgraph', async () => {
    const elsewhere = await signer.sign(caller, 'data');
    for (const token of [undefined, null, 7, {}, '', 'x.y.z', elsewhere]) {
      await expect(verifier.verify(token)).rejects.toEqual(refused);
    }
  });

  test('is refused when a character of it is changed, or it says that it is not signed', async () => {
    const token = await signer.sign(caller, 'users');
    const [header, payload = '', signature] = token.split('.');
    const changed = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { identity: { permissions: string[] } };
    changed.identity.permissions.push('DELETE_USER');
    const forgedPayload = Buffer.from(JSON.stringify(changed)).toString('base64url');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const forged of [
      `${header}.${forgedPayload}.${signature}`,
      `${none}.${forgedPayload}.`,
      `${token.slice(0, -2)}AA`,
    ]) {
      await expect(verifier.verify(forged)).rejects.toEqual(refused);
    }
  });

  test('is refused when it was signed with another secret, or carries no expiry', async () => {
    const other = createCallerSigner(`${secret}, another`, now);
    await expect(verifier.verify(await other.sign(caller, 'users'))).rejects.toEqual(refused);
    const raw = new SignJWT({ identity: {} }).setProtectedHeader({ alg: 'HS256' }).setAudience('users');
    await expect(verifier.verify(await raw.sign(new TextEncoder().encode(secret)))).rejects.toEqual(refused);
  });

  test('is refused when it is older than 30 seconds, also when it was good before', async () => {
    const token = await signer.sign(caller, 'users');
    await verifier.verify(token);
    time += 31_000;
    await expect(verifier.verify(token)).rejects.toEqual(refused);
  });

  test('arrives as it was sent', async () => {
    const arrived = await verifier.verify(await signer.sign(caller, 'users'));
    expect(arrived.service).toBe('auth');
    expect(arrived.sessionId).toBe(caller.sessionId);
    expect(identityData(arrived.identity)).toEqual(identityData(caller.identity));
  });

  test('is signed anew before its signature grows old', async () => {
    const first = await signer.sign(caller, 'users');
    expect(await signer.sign(caller, 'users')).toBe(first);
    time += 11_000;
    expect(await signer.sign(caller, 'users')).not.toBe(first);
  });
});
