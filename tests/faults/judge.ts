// What a run came to: what the log says that each subscriber was entitled to, against what came. Knows nothing of how
// either was found out.
import type { Received } from './subscribers.ts';

/** A change of a document, as the log has it. */
export interface LoggedChange {
  readonly position: bigint;
  readonly documentId: string;
  readonly creatorId: string;
  readonly groupIds: readonly string[];
}

/** What somebody may see, and over which stretches of the log. */
export interface Entitlement {
  readonly userId: string | undefined;
  /** Everything, whatever the groups. */
  readonly everything: boolean;
  readonly groups: readonly Stay[];
}

/**
 * Staff of a group behind `from` and up to `until`. What lies before either end may have been delivered late, with the
 * rights of then: it is neither owed nor forbidden.
 */
export interface Stay {
  readonly groupId: string;
  readonly from: bigint;
  readonly until: bigint | undefined;
}

export interface Listener extends Entitlement {
  /** It asked for what comes behind this. */
  readonly after: bigint;
  readonly received: readonly Received[];
}

export interface Verdict {
  readonly delivered: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly outOfOrder: number;
  readonly forbidden: number;
}

type Due = 'owed' | 'allowed' | 'forbidden';

export function judge(log: readonly LoggedChange[], listeners: readonly Listener[]): Verdict {
  const verdicts = listeners.map((listener) => judgeOne(log, listener));
  const sum = (of: (verdict: Verdict) => number) => verdicts.reduce((total, verdict) => total + of(verdict), 0);
  return {
    delivered: sum(({ delivered }) => delivered),
    lost: sum(({ lost }) => lost),
    duplicated: sum(({ duplicated }) => duplicated),
    outOfOrder: sum(({ outOfOrder }) => outOfOrder),
    forbidden: sum(({ forbidden }) => forbidden),
  };
}

/** The changes that are owed to the listener and have not come. */
export function missing(log: readonly LoggedChange[], listener: Listener): LoggedChange[] {
  const came = new Set(listener.received.map(({ position }) => position));
  return log.filter((change) => due(change, listener) === 'owed' && !came.has(change.position));
}

function judgeOne(log: readonly LoggedChange[], listener: Listener): Verdict {
  const byPosition = new Map(log.map((change) => [change.position, change]));
  const seen = new Set<bigint>();
  let [duplicated, outOfOrder, forbidden] = [0, 0, 0];
  let last = listener.after;
  for (const { position, documentId } of listener.received) {
    if (seen.has(position)) duplicated += 1;
    else if (position <= last) outOfOrder += 1;
    seen.add(position);
    if (position > last) last = position;
    const change = byPosition.get(position);
    const isTheSame = change !== undefined && change.documentId === documentId;
    if (!isTheSame || due(change, listener) === 'forbidden') forbidden += 1;
  }
  const { length: lost } = missing(log, listener);
  return { delivered: listener.received.length, lost, duplicated, outOfOrder, forbidden };
}

function due(change: LoggedChange, { userId, everything, groups, after }: Listener): Due {
  if (change.position <= after) return 'forbidden';
  if (everything || change.creatorId === userId) return 'owed';
  const stays = groups.filter(({ groupId }) => change.groupIds.includes(groupId));
  const ofStays = stays.map(({ from, until }): Due => {
    if (until !== undefined && change.position > until) return 'forbidden';
    return until !== undefined || change.position <= from ? 'allowed' : 'owed';
  });
  return ofStays.find((one) => one === 'owed') ?? ofStays.find((one) => one === 'allowed') ?? 'forbidden';
}
