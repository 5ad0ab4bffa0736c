// The gateway's reader of the log: the internal operation of `events`, which may run in another process.
import type { LogEventData, LogPage } from '../platform/events/event.ts';
import { logEventFrom } from '../platform/events/event.ts';
import type { ServiceClient } from '../platform/subgraph/service-client.ts';

const query = `query EventLog($after: Position!, $first: Int!) {
  eventLog(after: $after, first: $first) { oldest newest events }
}`;

interface Answer {
  eventLog: { oldest: string; newest: string; events: LogEventData[] };
}

export function createLogReader(services: ServiceClient): (after: bigint, first: number) => Promise<LogPage> {
  return async (after, first) => {
    const variables = { after: after.toString(), first };
    const { eventLog } = await services.call<Answer>('events', { query, variables });
    return {
      oldest: BigInt(eventLog.oldest),
      newest: BigInt(eventLog.newest),
      events: eventLog.events.map(logEventFrom),
    };
  };
}
