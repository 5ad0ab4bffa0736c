// One-time codes that change with the time.
import { describe, expect, test } from '@jest/globals';
import { generateSync, ScureBase32Plugin } from 'otplib';
import { findTotpStep, newTotpSecret } from './totp.ts';

/** RFC 6238, appendix B, SHA-1: the secret is `12345678901234567890`; of its eight digits apps show the last six. */
const secret = new ScureBase32Plugin().encode(new TextEncoder().encode('12345678901234567890'));
const vectors = [
  [59, '94287082'],
  [1_111_111_109, '07081804'],
  [1_111_111_111, '14050471'],
  [1_234_567_890, '89005924'],
  [2_000_000_000, '69279037'],
  [20_000_000_000, '65353130'],
] as const;
const [moment] = vectors[3];
const step = Math.floor(moment / 30);
const code = (steps: number) => generateSync({ secret, epoch: moment + steps * 30 });
const find = (attempt: { code: string; lastStep?: number; now?: number }) =>
  findTotpStep({ secret, lastStep: null, now: moment * 1_000, ...attempt });

describe('a code', () => {
  test.each(vectors)('at %i seconds is what RFC 6238 says', (seconds, digits) => {
    expect(find({ code: digits.slice(2), now: seconds * 1_000 })).toBe(Math.floor(seconds / 30));
    expect(find({ code: digits.slice(0, 6), now: seconds * 1_000 })).toBeNull();
  });

  test.each(['', '12345', '1234567', 'abcdef', '12 456', '１２３４５６', '-12345', '1e1000'])('is not %j', (text) => {
    expect(find({ code: text })).toBeNull();
  });

  test('is good for its own step, the one before and the one after, and no further', () => {
    expect([-2, -1, 0, 1, 2].map((steps) => find({ code: code(steps) }))).toEqual([
      null,
      step - 1,
      step,
      step + 1,
      null,
    ]);
  });

  test('is refused once a code of its step, or of a later one, was taken', () => {
    expect(find({ code: code(0), lastStep: step })).toBeNull();
    expect(find({ code: code(0), lastStep: step + 1 })).toBeNull();
    expect(find({ code: code(0), lastStep: step + 100 })).toBeNull();
    expect(find({ code: code(1), lastStep: step })).toBe(step + 1);
  });
});

describe('a secret', () => {
  test('has 160 bits, is new each time, and travels with the name that the user gave', () => {
    const one = newTotpSecret('My: phone');
    expect(one.secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(newTotpSecret(null).secret).not.toBe(one.secret);
    const uri = new URL(one.uri);
    expect(uri.protocol).toBe('otpauth:');
    expect(uri.searchParams.get('secret')).toBe(one.secret);
    expect(uri.searchParams.get('issuer')).toBe('Caregraph');
    expect(decodeURIComponent(uri.pathname)).toContain('Caregraph:My  phone');
  });

  test('travels without any name when the user gave none', () => {
    expect(newTotpSecret(null).uri).toMatch(/^otpauth:\/\/totp\/Caregraph:account\?/);
  });
});
