// What is decided about a request over HTTP by its headers alone.
import { describe, expect, test } from '@jest/globals';
import { createIsAllowedOrigin } from './browser-safety.ts';
import { negotiate } from './negotiate.ts';
import { refuseForeignPages, refuseSimpleRequests } from './refuse-simple-requests.ts';

describe('the form of an answer', () => {
  const [json, response] = ['application/json', 'application/graphql-response+json'];

  test.each([
    ['multipart/mixed'],
    ['multipart/mixed;deferSpec=20220824'],
    ['text/event-stream'],
    ['text/html'],
    ['application/json;q=0'],
  ])('%s cannot be given', (accept) => {
    expect(negotiate(accept)).toBeUndefined();
  });

  test.each([
    [undefined, json, false],
    ['', json, false],
    ['*/*', json, false],
    ['application/*', json, false],
    ['application/json', json, true],
    ['application/json; charset=utf-8', json, true],
    ['application/graphql-response+json', response, true],
    ['application/graphql-response+json, application/json;q=0.9', response, true],
    ['application/graphql-response+json;q=0.5, application/json', json, true],
    ['multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json;q=0.9', response, true],
  ])('for %s', (accept, name, named) => {
    expect(negotiate(accept)).toEqual({ name, named });
  });
});

describe('what a browser can be made to send', () => {
  test.each([
    [{}],
    [{ 'content-type': '' }],
    [{ 'content-type': 'text/plain' }],
    [{ 'content-type': 'text/plain; a=application/json' }],
    [{ 'content-type': 'TEXT/PLAIN' }],
    [{ 'content-type': 'application/x-www-form-urlencoded' }],
    [{ 'content-type': 'multipart/form-data; boundary=x' }],
    [{ 'content-type': 'no type' }],
    [{ 'apollo-require-preflight': '' }],
  ])('%j is refused', (headers) => {
    expect(() => refuseSimpleRequests(headers)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
  });

  test.each([
    [{ 'content-type': 'application/json' }],
    [{ 'content-type': 'application/json; charset=utf-8' }],
    [{ 'apollo-require-preflight': 'true' }],
    [{ 'content-type': 'text/plain', 'x-apollo-operation-name': 'Me' }],
  ])('%j is asked for first', (headers) => {
    expect(() => refuseSimpleRequests(headers)).not.toThrow();
  });
});

describe('whose pages may call', () => {
  const options = { publicUrl: 'https://api.example.org/', corsOrigins: ['https://app.example.org'] };
  const inProduction = createIsAllowedOrigin({ ...options, production: true });

  test.each([
    ['https://api.example.org', true],
    ['https://app.example.org', true],
    ['https://app.example.org.evil.example', false],
    ['http://app.example.org', false],
    ['https://evil.example', false],
    ['http://localhost:3000', false],
    ['null', false],
  ])('%s in production', (origin, expected) => {
    expect(inProduction(origin)).toBe(expected);
  });

  test('the page of the very host that was asked, and this machine in development', () => {
    expect(inProduction('http://gateway.internal:4000', 'gateway.internal:4000')).toBe(true);
    expect(inProduction('http://gateway.internal:4001', 'gateway.internal:4000')).toBe(false);
    const inDevelopment = createIsAllowedOrigin({ ...options, production: false });
    for (const origin of ['http://localhost:3000', 'http://127.0.0.1:8080', 'http://[::1]:5173']) {
      expect(inDevelopment(origin)).toBe(true);
    }
    expect(inDevelopment('http://localhost.evil.example')).toBe(false);
  });

  test('what such a page opens as a stream is refused, and programs are not', () => {
    const refused = [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }];
    for (const headers of refused) expect(() => refuseForeignPages(headers, inProduction)).toThrow(/may not call/);
    const taken = [{}, { origin: 'https://app.example.org' }, { 'sec-fetch-site': 'same-origin' }];
    for (const headers of taken) expect(() => refuseForeignPages(headers, inProduction)).not.toThrow();
  });
});
