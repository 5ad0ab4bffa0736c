// Whose request it is, as far as counting goes: a signed-in user, else an application, else an address.
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { Identity } from '../../platform/identity/identity.ts';
import { isSignedIn } from '../../platform/identity/identity.ts';

export interface Client {
  /** Where the request is from. */
  readonly address: string;
  /** The user, or the application that calls without one: undefined for nobody. */
  readonly account: string | undefined;
}

/** What a budget is counted by. */
export function clientKey({ account, address }: Client): string {
  return account ?? `address:${addressKey(address)}`;
}

export function clientOf(identity: Identity, address: string): Client {
  if (isSignedIn(identity)) return { address, account: `user:${identity.userId}` };
  const { applicationId } = identity;
  return { address, account: applicationId === undefined ? undefined : `application:${applicationId}` };
}

/** The network of an address as one customer gets it: a whole /64 of IPv6. */
export function addressKey(address: string): string {
  if (isIP(address) !== 6) return address;
  const [front = '', back] = address.split('%', 1)[0]?.split('::') ?? [];
  const given = front === '' ? [] : front.split(':');
  const after = back === undefined || back === '' ? [] : back.split(':');
  const zeros = back === undefined ? 0 : 8 - given.length - after.length;
  const groups = [...given, ...Array<string>(Math.max(0, zeros)).fill('0'), ...after];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

export type AddressOf = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string;

/**
 * Where a request is from. `X-Forwarded-For` is believed as far as its entries come from trusted proxies: the last one is
 * by who is connected, and so on to the front. A number says how many proxies stand in front.
 */
export function createAddressOf(trusted: readonly string[] | number): AddressOf {
  const isTrusted = trustIn(trusted);
  return ({ headers, socket }) => {
    const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
    const hops = [...forwarded.map((part) => part.trim()).filter((part) => part !== ''), socket.remoteAddress ?? ''];
    let at = hops.length - 1;
    for (let passed = 0; at > 0 && isTrusted(plain(hops[at] ?? ''), passed); passed += 1) {
      // What is no address is not from a proxy that is worth the trust.
      if (isIP(plain(hops[at - 1] ?? '')) === 0) break;
      at -= 1;
    }
    return plain(hops[at] ?? '');
  };
}

function trustIn(trusted: readonly string[] | number): (address: string, passed: number) => boolean {
  if (typeof trusted === 'number') return (_address, passed) => passed < trusted;
  const list = new BlockList();
  for (const text of trusted) {
    const [address = '', bits] = text.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** IPv4 as such, also where the machine speaks it through IPv6. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
}
