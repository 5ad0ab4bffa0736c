// From a request to the text that it wants to run: sent along, or named by a hash or an id and stored here.
import { AppError } from '../../platform/errors.ts';
import type { OperationRequest } from './operation-request.ts';
import { isObject } from './operation-request.ts';
import type { PersistedQueries } from './persisted-queries.ts';
import { sha256 } from './persisted-queries.ts';
import type { TrustedDocuments } from './trusted-documents.ts';

export interface StoredDocumentsOptions {
  readonly persisted: PersistedQueries;
  readonly trusted: Pick<TrustedDocuments, 'find'> | undefined;
  /** Nothing but trusted documents is run. */
  readonly trustedOnly: boolean;
}

export interface WantedText {
  readonly text: string;
  /** Whether it comes from the trusted documents. */
  readonly isTrusted: boolean;
  /** Keeps the text under its hash, if the client has asked for it: once it is known to be an operation. */
  keep(): void;
}

export type FindText = (request: OperationRequest) => Promise<WantedText>;

const hashShape = /^[0-9a-f]{64}$/;
const keepNothing = () => undefined;

/**
 * BAD_REQUEST when there is no text, or one that does not fit its hash; PERSISTED_QUERY_NOT_FOUND; DOCUMENT_NOT_TRUSTED
 * where only trusted documents are run.
 */
export function createFindText({ persisted, trusted, trustedOnly }: StoredDocumentsOptions): FindText {
  return async (request) => {
    const hash = hashOf(request.extensions);
    const id = request.documentId || request.id || undefined;
    const sent = request.query || undefined;
    if (sent !== undefined && hash !== undefined && sha256(sent) !== hash) {
      throw new AppError('BAD_REQUEST', 'extensions.persistedQuery.sha256Hash: it is not the SHA-256 of `query`.', {
        field: 'extensions.persistedQuery.sha256Hash',
      });
    }
    const name = hash ?? id?.replace(/^sha256:/, '');
    const known = name === undefined ? undefined : (trusted?.find(name) ?? trusted?.find(id ?? ''));
    if (known !== undefined && (sent === undefined || sent === known)) {
      return { text: known, isTrusted: true, keep: keepNothing };
    }
    if (trustedOnly) throw new AppError('DOCUMENT_NOT_TRUSTED');
    if (sent !== undefined) {
      return {
        text: sent,
        isTrusted: false,
        keep: hash === undefined ? keepNothing : () => persisted.keep(hash, sent),
      };
    }
    if (name === undefined) throw new AppError('BAD_REQUEST', 'query: a string is needed.', { field: 'query' });
    const text = hashShape.test(name) ? await persisted.find(name) : undefined;
    if (text === undefined) throw new AppError('PERSISTED_QUERY_NOT_FOUND');
    return { text, isTrusted: false, keep: keepNothing };
  };
}

/** Undefined where the request does not name its text by a hash. */
function hashOf(extensions: OperationRequest['extensions']): string | undefined {
  const given = extensions?.persistedQuery;
  if (given === undefined || given === null) return undefined;
  const { version, sha256Hash } = isObject(given) ? given : {};
  if (version !== 1 || typeof sha256Hash !== 'string' || !hashShape.test(sha256Hash)) {
    throw new AppError(
      'BAD_REQUEST',
      'extensions.persistedQuery: version 1 and `sha256Hash` in hexadecimal are needed.',
      {
        field: 'extensions.persistedQuery',
      },
    );
  }
  return sha256Hash;
}
