import { describe, expect, test } from '@jest/globals';
import { StartError } from '../start-error.ts';
import { parseSmtpUrl } from './smtp-server.ts';

describe('SMTP_URL', () => {
  test.each([
    ['no URL', 'mail.example.org:25', 'it must look like'],
    ['another protocol', 'https://mail.example.org', 'it must look like'],
    ['an option that is not known', 'smtp://u:hidden@mail.example.org?logger=true', 'logger'],
    ['an option with a wrong value', 'smtp://u:hidden@mail.example.org?requireTLS=perhaps', 'requireTLS'],
    ['an option out of bounds', 'smtp://u:hidden@mail.example.org?maxConnections=0', 'maxConnections'],
    ['a password that is not encoded', 'smtp://u:hidden%@mail.example.org', 'written %25'],
  ])('%s is refused at the start, without the password', (_what, url, message) => {
    const parse = () => parseSmtpUrl(url);
    expect(parse).toThrow(StartError);
    expect(parse).toThrow(message);
    expect(parse).not.toThrow(/hidden/);
  });

  test('a password goes over a network with TLS only, unless told otherwise', () => {
    expect(parseSmtpUrl('smtp://u:p@mail.example.org')).toMatchObject({ requireTLS: true, ignoreTLS: false });
    expect(parseSmtpUrl('smtp://u:p@mail.example.org?ignoreTLS=true')).toMatchObject({ requireTLS: false });
    expect(parseSmtpUrl('smtp://u:p@mail.example.org?requireTLS=false')).toMatchObject({ requireTLS: false });
    expect(parseSmtpUrl('smtp://mail.example.org')).toMatchObject({ requireTLS: false });
    expect(parseSmtpUrl('smtp://mail.example.org?requireTLS=true')).toMatchObject({ requireTLS: true });
  });

  test('certificates are checked, but not between programs of one machine', () => {
    const checks = (url: string) => parseSmtpUrl(url).tls.rejectUnauthorized;
    expect(checks('smtps://mail.example.org')).toBe(true);
    expect(checks('smtps://127.example.org')).toBe(true);
    expect(checks('smtps://mail.example.org?tls.rejectUnauthorized=false')).toBe(false);
    expect(['localhost', '127.0.0.1', '[::1]'].map((host) => checks(`smtp://${host}`))).toEqual([false, false, false]);
    expect(checks('smtp://localhost?tls.rejectUnauthorized=true')).toBe(true);
  });

  test('names the server, the user and the password', () => {
    expect(parseSmtpUrl('smtp://mail.example.org')).toMatchObject({ port: 587, secure: false, auth: undefined });
    expect(parseSmtpUrl('smtps://mail.example.org')).toMatchObject({ port: 465, secure: true });
    expect(parseSmtpUrl('smtp://[::1]:2525')).toMatchObject({ host: '::1', port: 2525 });
    expect(parseSmtpUrl('smtp://ann%40example.org:p%2F%40%3A%25@mail.example.org:25')).toMatchObject({
      host: 'mail.example.org',
      port: 25,
      auth: { user: 'ann@example.org', pass: 'p/@:%' },
    });
    expect(
      parseSmtpUrl('smtp://h?name=api.example.org&maxConnections=5&rateLimit=2&tls.servername=mail.example'),
    ).toMatchObject({ name: 'api.example.org', maxConnections: 5, rateLimit: 2, tls: { servername: 'mail.example' } });
  });
});
