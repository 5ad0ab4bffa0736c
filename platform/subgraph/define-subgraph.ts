// What a service is. Each subgraph's index.ts exports one of these; a process builds the enabled ones.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { PermissionMap } from '../access/shield.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Database } from '../database/database.ts';
import type { QueryGate } from '../database/query-gate.ts';
import type { EventHandlers, LogEvent } from '../events/event.ts';
import type { Identity } from '../identity/identity.ts';
import type { JobHandlers } from '../jobs/job.ts';
import type { Check } from '../readiness.ts';
import type { Tracing } from '../tracing/tracing.ts';
import type { Context, Logger } from './context.ts';
import type { IResolvers } from './resolver-types.ts';
import type { ServiceClient } from './service-client.ts';

/** What a process gives its subgraphs. */
export interface Platform {
  readonly config: Config;
  readonly database: Database;
  /** Through which reads go that can be slow. */
  readonly queryGate: QueryGate;
  /** Calls internal operations of other services. */
  readonly services: ServiceClient;
  readonly tracing: Tracing;
  readonly log: Logger;
  readonly clock: Clock;
}

/**
 * Where a subscription field's payloads come from. The gateway follows the log and asks with each batch of events; the
 * answer has one payload for each event, `undefined` where this viewer gets nothing of it.
 */
export interface SubscriptionSource<Loaders = unknown> {
  /** Throws when the arguments are not valid; called when a subscription opens, before any event. */
  check?(args: Readonly<Record<string, unknown>>, context: Context<Loaders>): void | Promise<void>;
  /** Decides anew for each event whether this viewer may get it. */
  select(
    events: readonly LogEvent[],
    args: Readonly<Record<string, unknown>>,
    context: Context<Loaders>,
  ): Promise<readonly (unknown | undefined)[]>;
}

/** Finds out who calls an HTTP route; the viewer's identity is as current as for a GraphQL request. */
export interface RouteAuthentication {
  /** From the request's access token; anonymous without one. Rejects with UNAUTHENTICATED for a bad one. */
  identify(request: FastifyRequest): Promise<Identity>;
  /** The current identity of the user whom the request proves by other means, such as a signed URL. */
  identityOf(userId: string, request: FastifyRequest): Promise<Identity>;
}

/** A running subgraph, as its definition builds it. */
export interface SubgraphParts<Loaders> {
  readonly resolvers: IResolvers<Context<Loaders>>;
  /** Called once for each request. */
  loaders(identity: Identity, now: number): Loaders;
  readonly subscriptions?: Readonly<Record<string, SubscriptionSource<Loaders>>>;
  /** What the jobs do that the service queues with `tx.enqueue`: name → handler. Names are camelCase verbs. */
  readonly jobs?: JobHandlers;
  /**
   * What the service does about events of any service: type → handler. It is told of each one in the order of the log,
   * in one process at a time; an event whose handler fails is tried again, and later ones wait for it.
   */
  readonly handlers?: EventHandlers;
  /** Plain HTTP routes: under `/<name>/`, and those whose path a standard fixes. */
  routes?(app: FastifyInstance, authentication: RouteAuthentication): void | Promise<void>;
  /** Runs once when the process has started, after migrations, before it is ready. */
  start?(): Promise<void>;
  /** Rejects while something that the service needs besides the database cannot be used; shown by /readyz. */
  readonly ready?: Check;
  /** What else /readyz shows of the service: name of the part → check. */
  readonly otherChecks?: Readonly<Record<string, Check>>;
  close?(): Promise<void>;
}

export interface SubgraphDefinition<Loaders = unknown> {
  /** The name of the service, of its contract (schema/<name>.graphql) and of its tables' schema. */
  readonly name: string;
  readonly permissions: PermissionMap;
  build(platform: Platform): SubgraphParts<Loaders> | Promise<SubgraphParts<Loaders>>;
}

export function defineSubgraph<Loaders>(definition: SubgraphDefinition<Loaders>): SubgraphDefinition<Loaders> {
  return definition;
}
