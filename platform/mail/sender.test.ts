import { expect, test } from '@jest/globals';
import { readConfig } from '../config.ts';
import { isMailable, parseSender } from './sender.ts';

test.each([
  '',
  'nobody',
  'Clinic <nobody>',
  'a@example.org, b@example.org',
  'a@example.org\r\nBcc: b@example.org',
  'Clinic\r\nBcc: b@example.org <a@example.org>',
  'Clinic <a@example.org> <b@example.org>',
  'Clinic a@example.org',
])('%j is nobody whom mail can be from, and the program does not start with it', (text) => {
  expect(parseSender(text)).toBeUndefined();
  // An empty variable is one that is not set.
  if (text !== '') expect(() => readConfig({ MAIL_FROM: text })).toThrow(/MAIL_FROM: an address, or a name/);
});

test.each([
  ['no-reply@example.org', { name: '', address: 'no-reply@example.org' }],
  ['Clinic <no-reply@example.org>', { name: 'Clinic', address: 'no-reply@example.org' }],
  ['<no-reply@example.org>', { name: '', address: 'no-reply@example.org' }],
  ['"Clinic, Ghent" <no-reply@example.org>', { name: 'Clinic, Ghent', address: 'no-reply@example.org' }],
  ['Praxis Müller <praxis@müller.example>', { name: 'Praxis Müller', address: 'praxis@müller.example' }],
])('%s', (text, sender) => {
  expect(parseSender(text)).toEqual(sender);
  expect(readConfig({ MAIL_FROM: text }).mailFrom).toBe(text);
});

test.each([
  'a@b.example,c@d.example',
  'a b@c.example',
  '<a@b.example>',
  'a@b.example\n',
  'a@b@c.example',
  '@b.example',
])('no mail goes to %j', (address) => {
  expect(isMailable(address)).toBe(false);
});

test.each(['ann+test@example.org', "o'brien@example.org", '用户@例子.广告', 'ann@localhost'])(
  'mail goes to %s',
  (address) => {
    expect(isMailable(address)).toBe(true);
  },
);
