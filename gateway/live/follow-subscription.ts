// One viewer's subscription: follows the log from a position, asks the subgraph what of it the viewer may get now,
// completes and yields it. It pulls: a slow client costs no memory, it just falls back to reading the log.
import { setTimeout as pause } from 'node:timers/promises';
import type { ExecutionResult } from 'graphql';
import { AppError } from '../../platform/errors.ts';
import type { LogEvent } from '../../platform/events/event.ts';
import type { EventFeed } from '../../platform/events/feed.ts';
import type { Caller } from '../../platform/identity/identity.ts';
import { findAppError } from '../../platform/mask-errors.ts';
import type { Logger } from '../../platform/subgraph/context.ts';
import type { EventResults, SubgraphTransport } from '../../platform/subgraph/transport.ts';
import type { EventCompletion } from './complete-event.ts';
import { completeEvent } from './complete-event.ts';
import { rootArguments } from './plan-subscription.ts';
import { mayEndSessionOf, withSessionEndings } from './session-endings.ts';

export interface FollowedSubscription extends Omit<EventCompletion, 'context'> {
  readonly feed: EventFeed;
  readonly transport: SubgraphTransport;
  /** Event types that can concern the subscription; undefined: all. */
  readonly topics: ReadonlySet<string> | undefined;
  /** Who the viewer is now: asked again for every event. Throws when the session is over. */
  readonly authenticate: () => Promise<Caller>;
  readonly requestId: string;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

const positionShape = /^(0|[1-9]\d{0,18})$/;
const firstRetryMilliseconds = 100;
const lastRetryMilliseconds = 5_000;

/** Yields results until the signal fires; throws an AppError that ends the subscription. */
export async function* followSubscription(subscription: FollowedSubscription): AsyncGenerator<ExecutionResult> {
  const { feed, signal, topics } = subscription;
  const after = startPosition(rootArguments(subscription.state, subscription.plan, subscription.variables).after);
  const batches = feed.follow({ after, types: withSessionEndings(topics), signal })[Symbol.asyncIterator]();
  // Asked for before anything else is awaited: «from now on» is the moment of subscribing.
  let next = batches.next();
  next.catch(() => undefined);
  try {
    const viewer = await subscription.authenticate();
    await ask(subscription, viewer, []);
    for (let batch = await next; !batch.done; batch = await next) {
      const { userId } = viewer.identity;
      if (batch.value.events.some((event) => mayEndSessionOf(event, userId))) {
        await untilServed(subscription, subscription.authenticate);
      }
      const events = batch.value.events.filter(({ type }) => topics?.has(type) ?? true);
      if (events.length > 0) yield* deliver(subscription, events);
      next = batches.next();
    }
  } finally {
    // However it ends, the feed forgets this follower.
    void batches.return?.(undefined);
  }
}

async function* deliver(
  subscription: FollowedSubscription,
  events: readonly LogEvent[],
): AsyncGenerator<ExecutionResult> {
  const { signal, requestId, authenticate } = subscription;
  const results = await untilServed(subscription, async () => ask(subscription, await authenticate(), events));
  for (const result of results) {
    if (signal.aborted) return;
    if (result === null) continue;
    yield await untilServed(subscription, async () => {
      const context = { caller: await authenticate(), requestId, signal };
      const completed = await completeEvent(result, { ...subscription, context });
      const away = completed.errors?.find(({ extensions }) => extensions?.code === 'SERVICE_UNAVAILABLE');
      if (away !== undefined) throw new AppError('SERVICE_UNAVAILABLE', away.message);
      return completed;
    });
  }
}

/** A service that is away delays events; it does not lose them or leave parts of them out. */
async function untilServed<T>({ signal, plan, log }: FollowedSubscription, work: () => Promise<T>): Promise<T> {
  for (let wait = firstRetryMilliseconds; ; wait = Math.min(wait * 2, lastRetryMilliseconds)) {
    try {
      return await work();
    } catch (error) {
      const known = findAppError(error);
      if (signal.aborted || (known !== undefined && known.code !== 'SERVICE_UNAVAILABLE')) throw error;
      log.warn({ reason: (error as Error).message, service: plan.service }, 'events wait for a service');
      await pause(wait, undefined, { signal }).catch(() => undefined);
    }
  }
}

function ask(subscription: FollowedSubscription, caller: Caller, events: readonly LogEvent[]): Promise<EventResults> {
  const { plan, variables } = subscription;
  const used = plan.primary.variableUsages ?? [];
  return subscription.transport.executeEvents({
    query: plan.primary.operation,
    operationName: plan.primary.operationName,
    variables: Object.fromEntries(
      used.flatMap((name) => (Object.hasOwn(variables, name) ? [[name, variables[name]]] : [])),
    ),
    caller,
    requestId: subscription.requestId,
    signal: subscription.signal,
    events,
  });
}

function startPosition(after: unknown): bigint | undefined {
  if (after === undefined || after === null) return undefined;
  if (typeof after === 'string' && positionShape.test(after)) return BigInt(after);
  throw new AppError('BAD_USER_INPUT', 'after: a position is digits in a string, as it came with an event.', {
    field: 'after',
  });
}
