// What many callers get of events: those of one access class by one execution, as far as its outcome holds for them;
// the others each by an execution of their own.

import type { ExecutionResult } from 'graphql';
import type { AppError } from '../../platform/errors.ts';
import type { LogEvent } from '../../platform/events/event.ts';
import type { AccessClass } from '../../platform/identity/access-class.ts';
import { accessClassOf } from '../../platform/identity/access-class.ts';
import type { Caller } from '../../platform/identity/identity.ts';
import { findAppError } from '../../platform/mask-errors.ts';
import { stringifyResult } from '../execution/prepared-data.ts';
import type { LiveResult } from './live-subscriptions.ts';
import { mapFewAtOnce } from './map-few-at-once.ts';
import type { ServedOperation } from './serve-events.ts';
import { serveEvents } from './serve-events.ts';

/** For each event a result, or null where there is none; or what ends the subscription. */
export type Outcome = readonly (LiveResult | null)[] | AppError;

export interface Sharing {
  /** Keys of the classes whose answers turned out to be personal: not tried again. */
  readonly personal: Set<string>;
  /** Called for each execution. */
  readonly onExecution: () => void;
}

/** So many callers are served at once. */
const atOnce = 32;

/** Throws where a service is away: then nobody has got anything. */
export async function shareExecution(
  operation: ServedOperation,
  callers: ReadonlySet<Caller>,
  events: readonly LogEvent[],
  sharing: Sharing,
): Promise<ReadonlyMap<Caller, Outcome>> {
  const outcomes = new Map<Caller, Outcome>();

  async function serve(caller: Caller): Promise<readonly (LiveResult | null)[]> {
    sharing.onExecution();
    const results = await serveEvents(operation, caller, events);
    return results.map((result) => (result === null ? null : liveResult(stringifyResult(result))));
  }

  async function serveAlone(caller: Caller): Promise<void> {
    outcomes.set(caller, await serve(caller).catch(ending));
  }

  /** Those for whom the answer to all does not hold. */
  async function serveTogether(accessClass: AccessClass, members: readonly Caller[]): Promise<readonly Caller[]> {
    if (members.length === 1 || sharing.personal.has(accessClass.key)) return members;
    const { caller, tracking } = accessClass.member();
    const outcome = await serve(caller).catch(ending);
    // What refuses somebody may refuse this one only.
    if (!Array.isArray(outcome)) return members;
    const { personal, comparedWith } = tracking();
    if (personal) {
      sharing.personal.add(accessClass.key);
      return members;
    }
    const compared = new Set(comparedWith);
    const others: Caller[] = [];
    for (const one of members) {
      if (compared.has(one.identity.userId ?? '')) others.push(one);
      else outcomes.set(one, outcome);
    }
    return others;
  }

  const left = await mapFewAtOnce([...byClass(callers)], atOnce, ([accessClass, members]) =>
    serveTogether(accessClass, members),
  );
  await mapFewAtOnce(left.flat(), atOnce, serveAlone);
  return outcomes;
}

function byClass(callers: ReadonlySet<Caller>): Map<AccessClass, Caller[]> {
  const classes = new Map<string, AccessClass>();
  const members = new Map<AccessClass, Caller[]>();
  for (const caller of callers) {
    const own = accessClassOf(caller.identity);
    const shared = classes.get(own.key) ?? own;
    classes.set(own.key, shared);
    const known = members.get(shared);
    if (known === undefined) members.set(shared, [caller]);
    else known.push(caller);
  }
  return members;
}

/** What ends a subscription is an outcome; a service that is away, or anything unknown, is none. */
function ending(error: unknown): AppError {
  const known = findAppError(error);
  if (known === undefined || known.code === 'SERVICE_UNAVAILABLE') throw error;
  return known;
}

/** Transports send the text; as objects it is read by few. */
function liveResult(json: string): LiveResult {
  return {
    json,
    get result() {
      return JSON.parse(json) as ExecutionResult;
    },
  };
}
