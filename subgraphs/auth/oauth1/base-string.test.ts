// The base string and signatures, against the examples of RFC 5849 and against what it says in general.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isSameText } from '../../../platform/is-same-text.ts';
import { baseString, baseUri, decodeStrictly, encode, type Parameter, queryParameters } from './base-string.ts';
import { signature } from './signature.ts';

describe('percent-encoding (§3.6)', () => {
  test('leaves letters, digits and -._~ as they are, and writes all else as UTF-8 in capitals', () => {
    expect(encode('aZ09-._~')).toBe('aZ09-._~');
    expect(encode("!*'()/ +é☃😀")).toBe('%21%2A%27%28%29%2F%20%2B%C3%A9%E2%98%83%F0%9F%98%80');
  });

  test('is undone by decoding', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => decodeStrictly(encode(text)) === text));
  });

  test.each(['a b', 'a+b', '%', '%2', '%2g', '%ff', 'é', "'", '='])('refuses to decode %s', (encoded) => {
    expect(decodeStrictly(encoded)).toBeUndefined();
  });
});

describe('the base string URI (§3.4.1.2)', () => {
  test.each([
    ['http://EXAMPLE.COM:80/r%20v/X?id=123', 'http://example.com/r%20v/X'],
    ['https://www.example.net:8080/?q=1', 'https://www.example.net:8080/'],
    ['HTTPS://example.org:443', 'https://example.org/'],
    ['http://example.org:443/a', 'http://example.org:443/a'],
    ['https://example.org:80?x', 'https://example.org:80/'],
    ['http://[::1]:80/', 'http://[::1]/'],
    ['http://[::80]/', 'http://[::80]/'],
    ['http://example.org/a/../%7Eb//c', 'http://example.org/a/../%7Eb//c'],
  ])('of %s is %s', (url, uri) => {
    expect(baseUri(url)).toBe(uri);
  });

  test.each(['', '/graphql', 'example.org/a', 'http:/example.org', 'http://', 'http://user@example.org/'])(
    'is none for %j',
    (url) => {
      expect(baseUri(url)).toBeUndefined();
      expect(baseString({ method: 'GET', url, parameters: [] })).toBeUndefined();
    },
  );
});

describe('the parameters of the query (§3.4.1.3.1)', () => {
  test('are read as forms are', () => {
    const url = 'http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b&c2&a3=2+q&&=x&y=1=2';
    expect(queryParameters(url)).toEqual([
      ['b5', '=%3D'],
      ['a3', 'a'],
      ['c@', ''],
      ['a2', 'r b'],
      ['c2', ''],
      ['a3', '2 q'],
      ['', 'x'],
      ['y', '1=2'],
    ]);
    expect(queryParameters('http://example.com/request')).toEqual([]);
  });

  test('are none that can be signed when they are not percent-encoded', () => {
    for (const query of ['a=%', '%zz=1', 'a=%ff']) {
      const url = `http://example.com/?${query}`;
      expect(baseString({ method: 'GET', url, parameters: [] })).toBeUndefined();
    }
  });
});

describe('the base string (§3.4.1.1)', () => {
  test('is that of the example', () => {
    const url = 'http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b';
    const parameters: Parameter[] = [
      ['oauth_consumer_key', '9djdj82h48djs9d2'],
      ['oauth_token', 'kkk9d7dh3k39sjv7'],
      ['oauth_signature_method', 'HMAC-SHA1'],
      ['oauth_timestamp', '137131201'],
      ['oauth_nonce', '7d8f3e4a'],
      // Of the body, which is a form in the example.
      ['c2', ''],
      ['a3', '2 q'],
    ];
    expect(baseString({ method: 'post', url, parameters })).toBe(
      'POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26' +
        'c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1' +
        '%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7',
    );
  });

  const text = fc.string({ unit: 'grapheme', maxLength: 6 });
  const parameter: fc.Arbitrary<Parameter> = fc.tuple(text, text);
  const parameters = fc.array(parameter, { maxLength: 8 });

  test('is the same in whatever order, and wherever, the parameters are sent', () => {
    fc.assert(
      fc.property(parameters, parameters, fc.infiniteStream(fc.nat()), (inQuery, elsewhere, random) => {
        const shuffled = (list: readonly Parameter[]) =>
          list
            .map((each) => ({ each, at: random.next().value as number }))
            .sort((one, other) => one.at - other.at)
            .map(({ each }) => each);
        const url = (list: readonly Parameter[]) =>
          `https://example.org/a?${list.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')}`;
        const base = baseString({ method: 'GET', url: url(inQuery), parameters: elsewhere });
        expect(base).toBeDefined();
        expect(baseString({ method: 'GET', url: url(shuffled(inQuery)), parameters: shuffled(elsewhere) })).toBe(base);
        expect(baseString({ method: 'GET', url: url([]), parameters: shuffled([...inQuery, ...elsewhere]) })).toBe(
          base,
        );
      }),
    );
  });

  test('is another one for other parameters', () => {
    const canonical = (list: readonly Parameter[]) => JSON.stringify(list.map((each) => JSON.stringify(each)).sort());
    fc.assert(
      fc.property(parameters, parameters, (one, other) => {
        fc.pre(canonical(one) !== canonical(other));
        const base = (list: readonly Parameter[]) =>
          baseString({ method: 'GET', url: 'https://example.org/', parameters: list });
        expect(base(one)).not.toBe(base(other));
      }),
    );
  });
});

describe('a signature (§3.4.2)', () => {
  const consumer = { consumerKey: 'dpf43f3p2l4k3l03', consumerSecret: 'kd94hf93k423kf44' };
  const common: Parameter[] = [
    ['oauth_consumer_key', consumer.consumerKey],
    ['oauth_signature_method', 'HMAC-SHA1'],
  ];
  test.each([
    [
      'asks for the temporary credentials',
      { method: 'POST', url: 'https://photos.example.net/initiate' },
      [
        ['oauth_timestamp', '137131200'],
        ['oauth_nonce', 'wIjqoS'],
        ['oauth_callback', 'http://printer.example.com/ready'],
      ],
      '',
      '74KNZJeDHnMBp0EMJ9ZHt/XKycU=',
    ],
    [
      'asks for the token',
      { method: 'POST', url: 'https://photos.example.net/token' },
      [
        ['oauth_token', 'hh5s93j4hdidpola'],
        ['oauth_timestamp', '137131201'],
        ['oauth_nonce', 'walatlh'],
        ['oauth_verifier', 'hfdp7dh39dks9884'],
      ],
      'hdhd0244k9j7ao03',
      'gKgrFCywp7rO0OXSjdot/IHF7IU=',
    ],
    [
      'asks for the photo',
      { method: 'GET', url: 'http://photos.example.net/photos?file=vacation.jpg&size=original' },
      [
        ['oauth_token', 'nnch734d00sl2jdk'],
        ['oauth_timestamp', '137131202'],
        ['oauth_nonce', 'chapoH'],
      ],
      'pfkkdhi9sl3r4s00',
      'MdpQcU8iPSUjWoN/UDMsK2sui9I=',
    ],
  ] as const)('is that of the example that %s (§1.2)', (_what, request, own, tokenSecret, expected) => {
    const base = baseString({ ...request, parameters: [...common, ...own] }) ?? '';
    expect(signature('HMAC-SHA1', base, { ...consumer, tokenSecret })).toBe(expected);
  });

  test('is compared as it stands', () => {
    expect(isSameText('MdpQcU8iPSUjWoN/UDMsK2sui9I=', 'MdpQcU8iPSUjWoN/UDMsK2sui9I=')).toBe(true);
    for (const other of ['', 'MdpQcU8iPSUjWoN/UDMsK2sui9I', 'MdpQcU8iPSUjWoN/UDMsK2sui9J=', 'é'.repeat(14)])
      expect(isSameText(other, 'MdpQcU8iPSUjWoN/UDMsK2sui9I=')).toBe(false);
  });
});
