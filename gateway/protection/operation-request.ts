// What a client asks to run, over whatever transport: the shape alone is checked.
import { AppError } from '../../platform/errors.ts';

export interface OperationRequest {
  /** Absent, or empty: the text is stored, and named by a hash or an id. */
  readonly query?: string | undefined | null;
  readonly operationName?: string | undefined | null;
  readonly variables?: Readonly<Record<string, unknown>> | undefined | null;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined | null;
  /** The id of a stored document; older clients say `id`. */
  readonly documentId?: string | undefined | null;
  readonly id?: string | undefined | null;
}

/** BAD_REQUEST names the parameter that is missing or of a wrong type. */
export function readOperationRequest(given: unknown): OperationRequest {
  if (!isObject(given)) throw new AppError('BAD_REQUEST', 'The body is a JSON object with `query`.');
  const { query, operationName, variables, extensions, documentId, id } = given;
  if (!isText(query) || (!query && documentId === undefined && id === undefined && !isObject(extensions))) {
    throw wrong('query', 'a string is needed.');
  }
  if (!isText(operationName)) throw wrong('operationName', 'it is a string.');
  if (!isAbsent(variables) && !isObject(variables)) throw wrong('variables', 'they are a JSON object.');
  if (!isAbsent(extensions) && !isObject(extensions)) throw wrong('extensions', 'they are a JSON object.');
  if (!isText(documentId)) throw wrong('documentId', 'it is a string.');
  if (!isText(id)) throw wrong('id', 'it is a string.');
  return { query, operationName, variables, extensions, documentId, id } as OperationRequest;
}

/** From the query of an address, where `variables` and `extensions` are JSON in text. */
export function readAddressRequest(parameters: Readonly<Record<string, unknown>>): OperationRequest {
  const { variables, extensions } = parameters;
  return readOperationRequest({
    ...parameters,
    variables: fromJson('variables', variables),
    extensions: fromJson('extensions', extensions),
  });
}

function fromJson(name: string, text: unknown): unknown {
  if (isAbsent(text) || text === '') return undefined;
  try {
    return JSON.parse(String(text));
  } catch {
    throw wrong(name, 'they are a JSON object.');
  }
}

function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

function isText(value: unknown): value is string | undefined | null {
  return isAbsent(value) || typeof value === 'string';
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(field: string, message: string): AppError {
  return new AppError('BAD_REQUEST', `${field}: ${message}`, { field });
}
