// Events: what services publish, and what the log holds.

export type JsonObject = { readonly [key: string]: unknown };

/** What a service publishes inside a transaction. */
export interface NewEvent {
  /** snake_case, past tense: `document_created`. */
  readonly type: string;
  /** Ids and states in camelCase; never medical or personal data. Readers of the log see it. */
  readonly content: JsonObject;
  /**
   * What is decided on who gets the event: the columns that the entity's `visible` rule reads, and those that filters of
   * subscriptions read; after the change, and in `before` what was other. Never shown.
   */
  readonly access?: JsonObject;
}

/** An event with its place in the log. */
export interface LogEvent {
  readonly id: string;
  /** 1, 2, 3 … in the order of commits, without gaps but those of skip-positions.ts. */
  readonly position: bigint;
  readonly service: string;
  readonly type: string;
  readonly content: JsonObject;
  readonly access: JsonObject | null;
  readonly createdAt: Date;
}

/** The plain form of a LogEvent: what travels over Redis, HTTP and GraphQL. */
export interface LogEventData {
  id: string;
  position: string;
  service: string;
  type: string;
  content: JsonObject;
  access: JsonObject | null;
  createdAt: string;
}

export function logEventData(event: LogEvent): LogEventData {
  return { ...event, position: event.position.toString(), createdAt: event.createdAt.toISOString() };
}

export function logEventFrom(data: LogEventData): LogEvent {
  return { ...data, position: BigInt(data.position), createdAt: new Date(data.createdAt) };
}

/** A stretch of the log, with its bounds at the time of reading. */
export interface LogPage {
  /** No position before this one is kept; 1 when nothing was dropped yet. */
  readonly oldest: bigint;
  /** The newest position; 0 when the log is empty. */
  readonly newest: bigint;
  /** In order of position, without gaps but those of skip-positions.ts. */
  readonly events: readonly LogEvent[];
}

/** What a service does about events: type → handler. It may be told of one twice: the second time must do no harm. */
export type EventHandlers = Readonly<Record<string, (event: LogEvent) => Promise<void>>>;
