// What users read: every kind in every language, and that nothing in a name or a text of the operator's gets further.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { defaultSettings, type UserSettings } from '../settings/user-settings.ts';
import type { MailKind, MailOrder } from './compose-mail.ts';
import { composeMail } from './compose-mail.ts';
import { nameValue } from './fill-template.ts';

const hash = '0123456789abcdef0123456789abcdef01234567';
const kinds: readonly MailKind[] = [
  'ACTIVATION',
  'ACTIVATION_PIN',
  'REACTIVATION',
  'REACTIVATION_PIN',
  'PASSWORD_RESET',
  'PASSWORD_RESET_PIN',
  'OIDC_UNLINK',
  'OIDC_UNLINK_PIN',
];
const languages = ['EN', 'NL', 'FR', 'DE'];
const each = kinds.flatMap((kind) => languages.map((language) => [kind, language] as const));

const bare = defaultSettings.mail;
const linked = {
  ...bare,
  activationUrl: 'https://app.example.org/activate?hash={hash}&from=mail',
  passwordResetUrl: 'https://app.example.org/#/reset/{hash}',
};

function order(kind: MailKind, more: Partial<MailOrder> = {}): MailOrder {
  const secret = kind.endsWith('_PIN') ? '01234567' : hash;
  return { kind, language: 'EN', firstName: 'Ann', lastName: 'Other', secret, minutes: 60, ...more };
}

type OwnText = UserSettings['mail']['templates'][number];

function own(text: string, more: Partial<OwnText> = {}): UserSettings['mail'] {
  const template = { kind: 'ACTIVATION' as const, language: 'EN', subject: 'Welcome', text, ...more };
  return { ...linked, templates: [template] };
}

/** What a mail program shows of HTML that is made of the few tags that we make, or a complaint about another one. */
function shownText(html: string): string {
  const body = html.slice(html.indexOf('<body'), html.indexOf('</body>'));
  const text = body
    .replace(/<br>\n/g, '\n')
    .replace(/<\/p>/g, '\n\n')
    .replace(/<\/?(?:body|div|p|span|a)(?: (?:style|href)="[^"<>]*")*>/g, '');
  expect(text).not.toMatch(/[<>]/);
  return unescaped(text);
}

function unescaped(text: string): string {
  const characters: Record<string, string> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' };
  return text.replace(/&(lt|gt|quot|#39|amp);/g, (_all, name: string) => characters[name] ?? '');
}

const words = (text: string) =>
  text
    .split(/\s+/)
    .filter((word) => word !== '')
    .join(' ');

describe('the text that ships', () => {
  test.each(each)('for %s in %s greets, asks, says until when, and what to do otherwise', (kind, language) => {
    const { secret, ...rest } = order(kind, { language });
    const { subject, text, html } = composeMail({ secret, ...rest }, bare);
    expect(text).toContain('Ann Other,');
    expect(text.match(new RegExp(`^${secret}$`, 'm'))).not.toBeNull();
    expect(text).toMatch(/ 60 (minutes|minuten|Minuten)\b/);
    expect(text.split('\n\n')).toHaveLength(6);
    expect(`${subject}${text}${html}`).not.toMatch(/\{\{|\}\}|undefined|http/);
    expect(html).toContain(`<html lang="${language.toLowerCase()}">`);
    expect(words(shownText(html))).toBe(words(text));
  });

  test.each(each.filter(([kind]) => !kind.endsWith('_PIN')))('for %s in %s has the link', (kind, language) => {
    const { text, html } = composeMail(order(kind, { language }), linked);
    const url = kind.includes('ACTIVATION')
      ? `https://app.example.org/activate?hash=${hash}&from=mail`
      : `https://app.example.org/#/reset/${hash}`;
    expect(text).toContain(`\n\n${url}\n\n`);
    expect(text.split(hash)).toHaveLength(2);
    expect(html).toContain(`<a href="${url.replaceAll('&', '&amp;')}"`);
    expect(words(shownText(html))).toBe(words(text));
  });

  test.each(each.filter(([kind]) => kind.endsWith('_PIN')))(
    'for %s in %s has the code and no link',
    (kind, language) => {
      expect(composeMail(order(kind, { language }), linked)).toEqual(composeMail(order(kind, { language }), bare));
    },
  );

  test('differs by kind and by language', () => {
    const texts = each.map(([kind, language]) => composeMail(order(kind, { language }), linked).text);
    expect(new Set(texts).size).toBe(each.length);
  });

  test('knows one minute from several', () => {
    const text = (language: string) => composeMail(order('ACTIVATION', { language, minutes: 1 }), bare).text;
    expect(languages.map((language) => / 1 (\w+)/.exec(text(language))?.[1])).toEqual([
      'minute',
      'minuut',
      'minute',
      'Minute',
    ]);
  });

  test('is English for who reads what nothing is written in', () => {
    const english = composeMail(order('ACTIVATION'), bare);
    expect(composeMail(order('ACTIVATION', { language: 'ES' }), bare)).toEqual(english);
    expect(composeMail(order('ACTIVATION', { language: '__proto__' }), bare)).toEqual(english);
    expect(composeMail(order('ACTIVATION', { language: 'nl' }), bare).html).toContain('lang="nl"');
  });
});

describe("a text of the operator's own", () => {
  test('wins for its kind and its language, and only there', () => {
    const settings = own('Olé {{firstName}}: {{link}}', { language: 'ES', subject: 'Hola {{firstName}} {{lastName}}' });
    const spanish = composeMail(order('ACTIVATION', { language: 'ES' }), settings);
    expect(spanish.subject).toBe('Hola Ann Other');
    expect(spanish.text).toBe(`Olé Ann: https://app.example.org/activate?hash=${hash}&from=mail`);
    expect(spanish.html).toContain('<html lang="es">');
    const others = [
      order('ACTIVATION'),
      order('ACTIVATION_PIN', { language: 'ES' }),
      order('ACTIVATION', { language: 'NL' }),
    ];
    for (const other of others) expect(composeMail(other, settings)).toEqual(composeMail(other, linked));
  });

  test('in English is for those, too, who read English for want of anything else', () => {
    expect(composeMail(order('ACTIVATION', { language: 'ES' }), own('{{hash}}')).text).toBe(hash);
    expect(composeMail(order('ACTIVATION', { language: 'FR' }), own('{{hash}}')).text).not.toBe(hash);
  });

  test('has each placeholder filled, and others left as they are', () => {
    const settings = own('{{firstName}}|{{lastName}}|{{hash}}|{{pinCode}}|{{minutes}}|{{other}}|{{ hash }}|{hash}');
    const { text } = composeMail(order('ACTIVATION', { minutes: 59 }), settings);
    expect(text).toBe(`Ann|Other|${hash}||59|{{other}}|{{ hash }}|{hash}`);
    const pin = own('{{pinCode}}|{{hash}}', { kind: 'ACTIVATION_PIN' });
    expect(composeMail(order('ACTIVATION_PIN'), pin).text).toBe('01234567|');
  });

  test('that counts on a link has the code where the settings name no address', () => {
    expect(composeMail(order('ACTIVATION'), { ...own('Go: {{link}}'), activationUrl: null }).text).toBe(`Go: ${hash}`);
  });

  test('becomes HTML: paragraphs, lines, and links without the full stop behind them', () => {
    const text =
      'One\r\nline <b>\r\n\r\nSee https://example.org/a?b=1&c=2. Or https://example.org/x/{{hash}}/y!\n \n\nEnd';
    const { html } = composeMail(order('ACTIVATION'), own(text));
    const shown = html
      .slice(html.indexOf('<p'), html.indexOf('</div>'))
      .replace(/ style="[^"]*"/g, '')
      .trim();
    expect(shown).toBe(
      [
        '<p>One<br>\nline &lt;b&gt;</p>',
        '<p>See <a href="https://example.org/a?b=1&amp;c=2">https://example.org/a?b=1&amp;c=2</a>. ' +
          `Or <a href="https://example.org/x/${hash}/y">https://example.org/x/${hash}/y</a>!</p>`,
        '<p>End</p>',
      ].join('\n'),
    );
  });

  test('makes no link of what is no web address', () => {
    const settings = { ...own('{{link}} javascript:alert(1)'), activationUrl: 'javascript:alert("{hash}")' };
    const { html } = composeMail(order('ACTIVATION'), settings);
    expect(html).not.toContain('<a ');
    expect(html).not.toContain('href');
  });
});

describe('a name', () => {
  const settings = own('Hi {{firstName}} {{lastName}}!\n\n{{link}}', { subject: 'For {{firstName}}' });

  test.each([
    ['a placeholder', '{{hash}}', '{{hash}}'],
    ['half of one', '{{', '{{'],
    ['a replacement pattern', "$& $1 $'", "$& $1 $'"],
    ['a tag', '<script>alert(1)</script>', '<script>alert(1)</ script>'],
    ['lines', 'Ann\r\nBcc: eve@example.org\n\nAnother text', 'Ann Bcc: eve@ example. org Another text'],
    ['other lines', 'A\u2028B\u2029C\u0085D\vE\fF\u0000G', 'A B C D E F G'],
    ['an address', 'https://evil.example/x', 'https: / / evil. example/ x'],
    ['turned text', '\u202enna\u202c', 'nna'],
  ])('that holds %s is a name and nothing else', (_what, firstName, shown) => {
    const { subject, text, html } = composeMail(order('ACTIVATION', { firstName }), settings);
    const link = `https://app.example.org/activate?hash=${hash}&from=mail`;
    expect(subject).toBe(`For ${shown}`);
    expect(text).toBe(`Hi ${shown} Other!\n\n${link}`);
    expect(words(shownText(html))).toBe(words(text));
    expect(html.match(/<a /g)).toHaveLength(1);
  });

  test('whatever it holds changes neither headers nor lines nor links, in any text', () => {
    const nasty = fc.constantFrom(
      '{{',
      '}}',
      '{{hash}}',
      '{{link}}',
      '\n\n',
      '\r',
      '<',
      '>',
      '"',
      "'",
      '&',
      'https://',
      '$&',
    );
    const name = fc
      .array(fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 8 })
      .map((parts) => parts.join(''))
      .filter((value) => nameValue(value).value !== '');
    const piece = fc.oneof(
      fc.constantFrom('{{firstName}}', '{{lastName}}', '{{hash}}', '{{link}}', '{{minutes}}', '\n', '\n\n', ' ', '<b>'),
      fc.constantFrom('https://example.org/', '&amp;', '{', '}', 'text'),
    );
    const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
    const anyOrder = fc.record({ kind: fc.constantFrom(...kinds), language: fc.constantFrom(...languages, 'ES') });
    fc.assert(
      fc.property(anyOrder, name, name, text, fc.boolean(), (chosen, firstName, lastName, ownText, useOwn) => {
        const template = { ...chosen, subject: `S ${ownText}`, text: ownText };
        const mail = { ...linked, templates: useOwn ? [template] : [] };
        const plain = composeMail(order(chosen.kind, { ...chosen, firstName: 'Ann', lastName: 'Other' }), mail);
        const composed = composeMail(order(chosen.kind, { ...chosen, firstName, lastName }), mail);
        const count = (content: string, part: string) => content.split(part).length;
        expect(composed.subject).not.toMatch(/[\r\n\p{Cc}\u2028\u2029]/u);
        expect(count(composed.text, '\n')).toBe(count(plain.text, '\n'));
        expect(count(composed.text, hash)).toBe(count(plain.text, hash));
        for (const tag of ['<a ', '<br>', '<div', '<span', '<script', 'href=']) {
          expect(count(composed.html, tag)).toBe(count(plain.html, tag));
        }
        expect(words(shownText(composed.html))).toBe(words(composed.text));
      }),
      { numRuns: 300 },
    );
  });
});

test('a secret is written into addresses so that it stays one value', () => {
  const { text, html } = composeMail(order('ACTIVATION', { secret: 'a b&c="<{{firstName}}$&' }), linked);
  const url = 'https://app.example.org/activate?hash=a%20b%26c%3D%22%3C%7B%7BfirstName%7D%7D%24%26&from=mail';
  expect(text).toContain(url);
  expect(html).toContain(`<a href="${url.replaceAll('&', '&amp;')}"`);
});
