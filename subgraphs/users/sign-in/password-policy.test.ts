import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { defaultSettings, type PasswordPolicy } from '../settings/user-settings.ts';
import { requirePassword } from './password-policy.ts';

const asItComes = defaultSettings.passwordPolicy;
const lax: PasswordPolicy = {
  minimumLength: 3,
  maximumLength: 10,
  upperCaseRequired: false,
  lowerCaseRequired: false,
  numberRequired: false,
  symbolRequired: false,
};
const symbols = [...'~@#$%^&*(){}[]_<>-+=|\\/:;"\'`,.?!'];

function broken(policy: PasswordPolicy, password: string): unknown {
  try {
    requirePassword(policy, password, 'input.password');
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('requirePassword', () => {
  test.each([
    ['Short-1', 'minimumLength', asItComes],
    [`Aa1${'x'.repeat(126)}`, 'maximumLength', asItComes],
    ['White Space 1', 'whiteSpace', asItComes],
    ['White\u00a0Space1', 'whiteSpace', asItComes],
    ['White\tSpace1', 'whiteSpace', lax],
    ['Nul\0l-Char-1', 'storable', asItComes],
    ['Half\ud800Pair-1', 'storable', asItComes],
    ['no-capital-1', 'upperCaseRequired', asItComes],
    ['Éno-capital-1', 'upperCaseRequired', asItComes],
    ['NO-SMALL-1', 'lowerCaseRequired', asItComes],
    ['No-Digit-At-All', 'numberRequired', asItComes],
    ['No-Digit-½-٣', 'numberRequired', asItComes],
    ['NoSymbol123', 'symbolRequired', { ...asItComes, symbolRequired: true }],
    ['NoSymbol1€§', 'symbolRequired', { ...asItComes, symbolRequired: true }],
  ])('refuses %j: %s', (password, rule, policy) => {
    const most = rule === 'whiteSpace' && policy === lax ? { ...lax, maximumLength: 20 } : policy;
    expect(broken(most, password)).toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringMatching(/^input\.password: /),
      details: { field: 'input.password', code: 15, rule },
    });
  });

  test('says which length is wrong, and counts both ends in', () => {
    const policy = { ...lax, minimumLength: 4, maximumLength: 6 };
    expect(broken(policy, 'abc')).toMatchObject({ message: 'input.password: a password has at least 4 characters.' });
    expect(broken(policy, 'abcdefg')).toMatchObject({
      message: 'input.password: a password has at most 6 characters.',
    });
    expect(requirePassword(policy, 'abcd', 'input.password')).toBe('abcd');
    expect(requirePassword(policy, 'abcdef', 'input.password')).toBe('abcdef');
  });

  test('takes each symbol of the reference for one, and no letter or digit', () => {
    const policy = { ...lax, symbolRequired: true };
    for (const symbol of symbols) expect(broken(policy, `abc${symbol}`)).toBeUndefined();
    const plain = fc.string({ unit: fc.constantFrom(...'abzAZ09éßæ中'), minLength: 3, maxLength: 10 });
    fc.assert(fc.property(plain, (password) => broken(policy, password) !== undefined));
  });

  test('asks for nothing that the policy does not ask for', () => {
    const anything = fc.string({ unit: fc.constantFrom(...symbols, ...'aA0é'), minLength: 3, maxLength: 10 });
    fc.assert(fc.property(anything, (password) => broken(lax, password) === undefined));
  });

  test('takes a password that keeps every rule', () => {
    const all = { ...asItComes, symbolRequired: true };
    expect(requirePassword(all, 'Sunny-Day-1', 'input.password')).toBe('Sunny-Day-1');
  });
});
