// What becomes known of a request on its way, for its entry in the access log: who asks, and which operation.
import type { Caller } from '../../platform/identity/identity.ts';
import { fragmentsOf, rootFieldsOf } from '../protection/measure-operation.ts';
import type { ReadOperation } from '../protection/read-operation.ts';

export interface AccessNote {
  /** Signing in is done by whoever it signs in. */
  caller?: Caller;
  operationName?: string | undefined;
  /** Of the API, whatever their aliases; each once. */
  rootFields: readonly string[];
  errorCodes: readonly string[];
}

export function emptyNote(): AccessNote {
  return { rootFields: [], errorCodes: [] };
}

type NotedOperation = Pick<ReadOperation, 'document' | 'operation'>;

export function noteOfOperation(operation: NotedOperation): AccessNote {
  const note = emptyNote();
  noteOperation(note, operation);
  return note;
}

/** Adds an operation: of several in one request (a batch) the note has the fields of all, and the name of the last. */
export function noteOperation(note: AccessNote, { document, operation }: NotedOperation): void {
  note.operationName = operation.name?.value;
  note.rootFields = distinct([...note.rootFields, ...rootFieldsOf(operation, fragmentsOf(document)).values()]);
}

/** Adds the codes of the errors in an answer. */
export function noteErrors(
  note: AccessNote,
  errors: readonly { readonly extensions?: { readonly code?: unknown } }[] = [],
): void {
  const codes = errors.map(({ extensions }) => String(extensions?.code ?? 'INTERNAL_SERVER_ERROR'));
  note.errorCodes = distinct([...note.errorCodes, ...codes]);
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)];
}
