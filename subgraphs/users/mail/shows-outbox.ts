// Whether the outbox may be looked at: it holds what opens accounts, so only where one developer runs everything.
import type { Config } from '../../../platform/config.ts';

export function showsOutbox({ production, allInOne }: Pick<Config, 'production' | 'allInOne'>): boolean {
  return allInOne && !production;
}
