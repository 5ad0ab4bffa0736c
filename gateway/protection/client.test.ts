// Where requests are from, and by what clients are told apart.
import { describe, expect, test } from '@jest/globals';
import { anonymous, identityFrom } from '../../platform/identity/identity.ts';
import { addressKey, clientKey, clientOf, createAddressOf } from './client.ts';

const from = (remoteAddress: string, forwarded?: string) =>
  ({ socket: { remoteAddress }, headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded } }) as never;

describe('the address of a request', () => {
  test.each([
    ['nobody is trusted', 0, '10.0.0.1', '192.0.2.1', '10.0.0.1'],
    ['one proxy stands in front', 1, '10.0.0.1', '192.0.2.1', '192.0.2.1'],
    ['a client claims an address of its own', 1, '10.0.0.1', '203.0.113.9, 192.0.2.1', '192.0.2.1'],
    ['two proxies stand in front', 2, '10.0.0.1', '203.0.113.9, 192.0.2.1, 10.0.0.2', '192.0.2.1'],
    ['there are fewer proxies than told', 2, '10.0.0.1', '192.0.2.1', '192.0.2.1'],
    ['a proxy of a trusted network', ['10.0.0.0/8'], '10.0.0.1', '203.0.113.9, 192.0.2.1', '192.0.2.1'],
    ['several of them', ['10.0.0.0/8', '::1'], '::1', '203.0.113.9, 192.0.2.1, 10.9.9.9', '192.0.2.1'],
    ['somebody else connects', ['10.0.0.0/8'], '192.0.2.7', '203.0.113.9', '192.0.2.7'],
    ['a proxy speaks IPv4 through IPv6', ['10.0.0.1'], '::ffff:10.0.0.1', '192.0.2.1', '192.0.2.1'],
    ['what was forwarded is no address', 1, '10.0.0.1', 'unknown', '10.0.0.1'],
    ['nothing was forwarded', 1, '10.0.0.1', undefined, '10.0.0.1'],
  ])('when %s', (_what, trusted, remote, forwarded, expected) => {
    expect(createAddressOf(trusted)(from(remote, forwarded))).toBe(expected);
  });

  test('counts as its /64 where it is IPv6', () => {
    expect(addressKey('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
    expect(addressKey('2001:db8:1:2::9')).toBe('2001:db8:1:2::/64');
    expect(addressKey('2001:db8::9')).toBe('2001:db8:0:0::/64');
    expect(addressKey('::1')).toBe('0:0:0:0::/64');
    expect(addressKey('192.0.2.1')).toBe('192.0.2.1');
  });
});

test('a client is its user, else its application, else its address', () => {
  const address = '192.0.2.1';
  expect(clientKey(clientOf(identityFrom({ userId: 'u', applicationId: 'a' }), address))).toBe('user:u');
  expect(clientKey(clientOf(identityFrom({ applicationId: 'a' }), address))).toBe('application:a');
  expect(clientKey(clientOf(anonymous, address))).toBe('address:192.0.2.1');
});
