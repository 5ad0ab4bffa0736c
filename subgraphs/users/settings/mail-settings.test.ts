import { describe, expect, test } from '@jest/globals';
import type { UserMailSettingsModel } from '../models.ts';
import { type MailSettingsInput, requireMailSettings } from './mail-settings.ts';

type Template = UserMailSettingsModel['templates'][number];

const byHash: Template = { kind: 'ACTIVATION', language: 'EN', subject: 'Welcome', text: 'Click {{link}}' };
const byPin: Template = { kind: 'PASSWORD_RESET_PIN', language: 'NL', subject: 'Pin', text: 'Pin: {{pinCode}}' };

function fault(input: MailSettingsInput): unknown {
  try {
    requireMailSettings(input, 'input.mail');
  } catch (error) {
    return error;
  }
  return undefined;
}
const naming = (field: string) => ({
  code: 'BAD_USER_INPUT',
  message: expect.stringContaining(field),
  details: { code: 15, field },
});

describe.each(['activationUrl', 'passwordResetUrl'] as const)('%s', (name) => {
  test.each([
    '',
    'https://app.example.org/activate',
    'https://app.example.org/{hash}/{hash}',
    'app.example.org/{hash}',
    '/activate/{hash}',
    'javascript:alert("{hash}")',
    'data:text/html,{hash}',
    'ftp://app.example.org/{hash}',
    'https://app.exa\nmple.org/{hash}',
    ' https://app.example.org/{hash}',
    'https://app.example.org/\0{hash}',
    'https:///{hash}:x',
    `https://app.example.org/{hash}${'x'.repeat(2_050 - 'https://app.example.org/{hash}'.length - 1)}`,
  ])('refuses %j', (url) => {
    expect(fault({ [name]: url })).toMatchObject(naming(`input.mail.${name}`));
  });

  test.each([
    null,
    'https://app.example.org/activate?hash={hash}',
    'http://localhost:3000/#/activate/{hash}',
    `https://app.example.org/{hash}${'x'.repeat(2_048 - 'https://app.example.org/{hash}'.length)}`,
  ])('takes %j', (url) => {
    expect(requireMailSettings({ [name]: url }, 'input.mail')).toEqual({ [name]: url });
  });
});

describe('a template', () => {
  test.each<[string, string, Partial<Template>]>([
    ['a language that is none', 'language', { language: 'english' }],
    ['an empty subject', 'subject', { subject: ' ' }],
    ['a long subject', 'subject', { subject: 'x'.repeat(201) }],
    ['a subject of two lines', 'subject', { subject: 'Welcome\nBcc: everybody@example.org' }],
    ['a subject with a carriage return', 'subject', { subject: 'Welcome\rBcc: everybody@example.org' }],
    ['an unknown placeholder in the subject', 'subject', { subject: 'Dear {{name}}' }],
    ['a subject that cannot be stored', 'subject', { subject: 'Wel\0come' }],
    ['an empty text', 'text', { text: '' }],
    ['a long text', 'text', { text: `{{hash}}${'x'.repeat(19_993)}` }],
    ['a text without the secret', 'text', { text: 'Dear {{firstName}}, welcome!' }],
    ['a text with the secret of another kind', 'text', { text: '{{hash}} {{pinCode}}' }],
    ['an unknown placeholder', 'text', { text: '{{hash}} {{password}}' }],
    ['a placeholder with blanks', 'text', { text: '{{hash}} {{ firstName }}' }],
    ['an empty placeholder', 'text', { text: '{{hash}} {{}}' }],
    ['a placeholder that is not closed', 'text', { text: '{{hash}} {{firstName' }],
    ['a pin code text without the pin code', 'text', { kind: 'ACTIVATION_PIN', text: 'Dear {{firstName}}' }],
    ['a pin code text with a link', 'text', { kind: 'ACTIVATION_PIN', text: '{{pinCode}} {{link}}' }],
  ])('refuses %s', (_what, field, changes) => {
    const templates = [byPin, { ...byHash, ...changes }];
    expect(fault({ templates })).toMatchObject(naming(`input.mail.templates.1.${field}`));
  });

  test('must not hold the secret in the subject alone', () => {
    const templates = [{ ...byHash, subject: '{{hash}}', text: 'See above' }];
    expect(fault({ templates })).toMatchObject(naming('input.mail.templates.0.text'));
  });

  test('is one for a kind and a language, in whatever letters', () => {
    const templates = [byHash, byPin, { ...byHash, language: 'en' }];
    expect(fault({ templates })).toMatchObject(naming('input.mail.templates.2'));
  });

  test('is one of at most 200', () => {
    expect(fault({ templates: Array(201).fill(byHash) })).toMatchObject(naming('input.mail.templates'));
  });

  test('is taken with every placeholder of its kind, and a language in capital letters', () => {
    const shared = '{{firstName}} {{lastName}} {{minutes}} { } {single}';
    const templates: Template[] = [
      { ...byHash, language: 'fr', subject: shared, text: `${shared} {{hash}} {{link}}\nBye` },
      { ...byHash, text: `{{hash}}${'x'.repeat(19_992)}` },
      { ...byPin, subject: '{{pinCode}} for {{firstName}}', text: `${shared} {{pinCode}}` },
    ];
    expect(requireMailSettings({ templates }, 'input.mail')).toEqual({
      templates: [{ ...templates[0], language: 'FR' }, templates[1], templates[2]],
    });
  });
});

test('kinds of mail that are off are named once', () => {
  expect(requireMailSettings({ disabled: ['ACTIVATION', 'ACTIVATION'] }, 'input.mail')).toEqual({
    disabled: ['ACTIVATION'],
  });
});
