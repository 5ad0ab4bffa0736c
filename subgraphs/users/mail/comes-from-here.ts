// Whether a request was made on this machine, by somebody who meant to ask this machine.
import type { IncomingHttpHeaders } from 'node:http';

export interface RequestOrigin {
  /** The other end of the connection. */
  readonly address: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** What a proxy in front adds: then the person asking is somewhere else, though the connection is from here. */
const proxyHeaders = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'];

export function comesFromHere({ address, headers }: RequestOrigin): boolean {
  const direct = isLoopback(address) && !proxyHeaders.some((name) => headers[name] !== undefined);
  // A page elsewhere can point a name of its own at this machine, and would read what its visitor's browser gets.
  return direct && isLocalHost(headers.host);
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(::1|(::ffff:)?127(\.\d{1,3}){3})$/i.test(address);
}

function isLocalHost(host: string | undefined): boolean {
  return host !== undefined && /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i.test(host);
}
