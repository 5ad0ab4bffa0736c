// A page of the log, oldest first. Positions are the cursors, so a page can be gone on from live.

import { invalidInput } from '../../platform/errors.ts';
import type { DateTimeFilter, IdFilter, StringFilter } from '../../platform/filters/prisma-filters.ts';
import { dateTimeWhere, idWhere, stringWhere } from '../../platform/filters/prisma-filters.ts';
import { pageLimits } from '../../platform/paging/page.ts';
import type { EventConnectionModel } from './models.ts';
import type { EventStore } from './store.ts';

export interface EventListing {
  readonly filter?: {
    readonly id?: IdFilter | null;
    readonly type?: StringFilter | null;
    readonly createdAt?: DateTimeFilter | null;
  } | null;
  readonly after?: bigint | null;
  readonly first?: number | null;
}

export async function listEvents(store: EventStore, listing: EventListing): Promise<EventConnectionModel> {
  const { filter } = listing;
  const after = listing.after ?? 0n;
  if ((listing.first ?? 0) < 0) throw invalidInput('first', 'must not be negative.');
  const limit = Math.min(listing.first ?? pageLimits.standard, pageLimits.most);
  const wanted = [
    ...idWhere('id', filter?.id, 'filter.id'),
    ...stringWhere('type', filter?.type, 'filter.type'),
    ...dateTimeWhere('createdAt', filter?.createdAt),
  ];
  const where = wanted.length === 0 ? undefined : { AND: wanted };
  const madeSince = earliest(filter?.createdAt);
  const rows = await store.listEvents(where, { after, madeSince }, limit + 1);
  const nodes = rows.slice(0, limit);
  const edges = nodes.map((node) => ({ cursor: node.position.toString(), node }));
  return {
    nodes,
    edges,
    pageInfo: {
      hasNextPage: rows.length > limit,
      hasPreviousPage: after > 0n,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: () => store.countEvents(where, madeSince),
  };
}

/** The first moment that the filter lets through; undefined: any. */
function earliest(filter: DateTimeFilter | null | undefined): Date | undefined {
  const bounds = [filter?.eq, filter?.ge, filter?.gt].filter((bound) => bound != null);
  return bounds.length === 0 ? undefined : new Date(Math.max(...bounds.map((bound) => bound.getTime())));
}
