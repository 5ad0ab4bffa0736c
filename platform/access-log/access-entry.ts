// An entry of the access log, as a gateway hands it to the service that keeps it: who asked what, when, and how it ended.

export interface AccessEntry {
  /** Made by the gateway: the same when it hands the entry in again. */
  readonly id: string;
  /** When the request came in: epoch milliseconds. */
  readonly timestamp: number;
  readonly httpStatus: number;
  /** Microseconds. */
  readonly duration: number;
  /** Who was signed in; null: nobody. */
  readonly userId: string | null;
  readonly applicationId: string | null;
  readonly userAddress: string;
  readonly host: string;
  /** Method, address and protocol, without what may be secret. */
  readonly request: string;
  /** Bytes; null where it is not known, for example of a subscription. */
  readonly responseBodySize: number | null;
  readonly userAgent: string;
  readonly operationName: string | null;
  /** Names of the fields that the operation asks of the API, not their arguments or aliases. */
  readonly rootFields: readonly string[];
  readonly errorCodes: readonly string[];
  /** Finds what the logs of the processes say. */
  readonly requestId: string;
}

/** Characters, names in a list, and microseconds. */
const most = {
  duration: 2 ** 31 - 1,
  host: 255,
  request: 2_000,
  userAgent: 500,
  name: 200,
  names: 50,
  address: 64,
  requestId: 64,
};

/** The entry with everything in it bounded and fit for the database: much of it is text of a client's choosing. */
export function boundedEntry(entry: AccessEntry): AccessEntry {
  const names = (values: readonly string[]) =>
    values.slice(0, most.names).map((value) => boundedText(value, most.name));
  return {
    ...entry,
    duration: Math.min(Math.max(0, Math.round(entry.duration)), most.duration),
    userAddress: boundedText(entry.userAddress, most.address),
    host: boundedText(entry.host, most.host),
    request: boundedText(entry.request, most.request),
    userAgent: boundedText(entry.userAgent, most.userAgent),
    operationName: entry.operationName === null ? null : boundedText(entry.operationName, most.name),
    rootFields: names(entry.rootFields),
    errorCodes: names(entry.errorCodes),
    requestId: boundedText(entry.requestId, most.requestId),
  };
}

function boundedText(text: string, characters: number): string {
  // A pair of surrogates may be cut in two by the limit; a half of one, and NUL, no database takes.
  return Buffer.from(text.slice(0, characters).replaceAll('\0', '')).toString();
}
