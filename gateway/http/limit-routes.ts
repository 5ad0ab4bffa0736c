// How often the plain HTTP routes of services may be asked for: by address before anything is read, by account once it is
// known who asks.
import type { FastifyInstance } from 'fastify';
import type { RateName } from '../../platform/protection-config.ts';
import type { Authenticate } from '../authenticate.ts';
import type { AddressOf } from '../protection/client.ts';
import { clientOf } from '../protection/client.ts';
import type { Rates } from '../protection/rates.ts';

interface LimitedRoute {
  readonly method?: string;
  readonly path: RegExp;
  readonly rate: RateName;
}

const limitedRoutes: readonly LimitedRoute[] = [
  { method: 'POST', path: /^\/oauth2\/authorize(\/|$)/, rate: 'sign-in' },
  { method: 'POST', path: /^\/oauth2\/token\/?$/, rate: 'token' },
  { path: /^\/export(\/|$)/, rate: 'export' },
];

export function limitRoutes(app: FastifyInstance, rates: Rates, addressOf: AddressOf): void {
  app.addHook('onRequest', async ({ raw, method }) => {
    const rate = rateOf(method, raw.url);
    if (rate !== undefined) await rates.take(rate, { address: addressOf(raw) });
  });
}

/** Counts for the account, too. */
export function limitAccounts(authenticate: Authenticate, rates: Rates): Authenticate {
  return async (authorization, request) => {
    const caller = await authenticate(authorization, request);
    const rate = rateOf(request?.method, request?.url);
    const { account } = clientOf(caller.identity, '');
    if (rate !== undefined && account !== undefined) await rates.take(rate, { account });
    return caller;
  };
}

function rateOf(method: string | undefined, url = ''): RateName | undefined {
  const [path = ''] = url.split('?', 1);
  return limitedRoutes.find((route) => route.path.test(path) && (route.method ?? method) === method)?.rate;
}
