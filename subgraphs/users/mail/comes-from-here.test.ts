import { expect, test } from '@jest/globals';
import { comesFromHere } from './comes-from-here.ts';

const local = { address: '127.0.0.1', headers: { host: 'localhost:4000' } };

test.each([
  ['from another machine', { address: '192.0.2.1' }],
  ['from another machine over IPv6', { address: '2001:db8::1' }],
  ['from an address that looks like this one', { address: '::ffff:10.127.0.1' }],
  ['from an address that begins like this one', { address: '127.0.0.1.9' }],
  ['from a connection that is gone', { address: undefined }],
])('not %s', (_how, other) => {
  expect(comesFromHere({ ...local, ...other })).toBe(false);
});

test.each([
  ['through a proxy', { 'x-forwarded-for': '127.0.0.1' }],
  ['through a proxy that says nothing more', { 'x-forwarded-for': '' }],
  ['through a proxy that says so by standard', { forwarded: 'for=127.0.0.1' }],
  ['through a proxy that names itself', { via: '1.1 proxy' }],
  ['through nginx', { 'x-real-ip': '127.0.0.1' }],
  ['through one that changed the name', { 'x-forwarded-host': 'localhost' }],
  ['under a name that leads here', { host: 'rebound.example:4000' }],
  ['under a name that begins like this machine', { host: 'localhost.example' }],
  ['under an address that begins like this machine', { host: '127.0.0.1.example:4000' }],
  ['under a name behind a user', { host: 'localhost@evil.example' }],
  ['under a name behind another', { host: 'localhost:1@evil.example' }],
  ['under no name', { host: '' }],
])('not %s', (_how, headers) => {
  expect(comesFromHere({ ...local, headers: { ...local.headers, ...headers } })).toBe(false);
});

test('not without a name', () => {
  expect(comesFromHere({ ...local, headers: {} })).toBe(false);
});

test.each(['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1'])('from %s', (address) => {
  for (const host of ['localhost', 'LOCALHOST:4000', '127.0.0.1:4000', '[::1]:4000', '[::1]']) {
    expect(comesFromHere({ address, headers: { host } })).toBe(true);
  }
});
