// What an account is made of, as people enter it.
import { describe, expect, test } from '@jest/globals';
import { requireEmail, requireLanguage, requireName, requirePhoneNumber, requireTimeZone } from './account-input.ts';

const refusal = (field: string) => expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field, code: 15 } });

describe('an e-mail address', () => {
  test.each([
    '',
    'jane',
    'jane@example',
    '@example.org',
    'jane@.',
    'jane@exam ple.org',
    'jane@example.org ',
    'jane@example.org\r\nBcc: all@example.org',
    'one@example.org,two@example.org',
    'one@example.org;two@example.org',
    'one@two@example.org',
    'Jane <jane@example.org>',
    '"jane doe"@example.org',
    'group:jane@example.org',
    'jane(me)@example.org',
    'jane\\@example.org',
    'a\0b@example.org',
    `${'a'.repeat(245)}@example.org`,
  ])('is not %j', (email) => {
    expect(() => requireEmail(email, 'input.email')).toThrow(refusal('input.email'));
  });

  test.each([
    ['Jane.Doe+notes@Example.ORG', 'jane.doe+notes@example.org'],
    ['JOSÉ@EXÄMPLE.org', 'josé@exämple.org'],
    ['用户@例子.广告', '用户@例子.广告'],
    ["o'brien@example.co.uk", "o'brien@example.co.uk"],
    [`${'a'.repeat(244)}@example.org`, `${'a'.repeat(244)}@example.org`],
  ])('%j is kept in lower case', (email, kept) => {
    expect(requireEmail(email, 'input.email')).toBe(kept);
  });
});

describe('a time zone', () => {
  test.each(['', 'Brussels', 'Europe/Atlantis', '+01:00', '-0500', 'Europe/Brussels\0', 'x'.repeat(65)])(
    'is not %j',
    (zone) => {
      expect(() => requireTimeZone(zone, 'input.timeZone')).toThrow(refusal('input.timeZone'));
    },
  );

  test.each(['Europe/Brussels', 'America/Argentina/Buenos_Aires', 'Asia/Kolkata', 'Asia/Calcutta', 'UTC', 'Etc/GMT+5'])(
    '%j is kept as it is',
    (zone) => {
      expect(requireTimeZone(zone, 'input.timeZone')).toBe(zone);
    },
  );
});

test('a name has 1 to 100 characters, a telephone number 1 to 50, and white space is none', () => {
  for (const name of ['', ' ', 'x'.repeat(101)]) expect(() => requireName(name, 'n')).toThrow(refusal('n'));
  for (const number of ['', ' ', '1'.repeat(51)]) expect(() => requirePhoneNumber(number, 'n')).toThrow(refusal('n'));
  expect(requireName('O', 'n')).toBe('O');
  expect(requirePhoneNumber('1'.repeat(50), 'n')).toBe('1'.repeat(50));
});

test('a language is two letters, kept in upper case', () => {
  for (const language of ['', 'e', 'eng', 'É1', 'en-US']) {
    expect(() => requireLanguage(language, 'language')).toThrow(refusal('language'));
  }
  expect(requireLanguage('nl', 'language')).toBe('NL');
});
