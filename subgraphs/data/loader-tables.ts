// What this request's loaders read from.
import type { SlowReads } from '../../platform/database/query-gate.ts';
import type { DataParts } from './parts.ts';

export interface LoaderTables {
  /** For what is quick, such as reads by id. */
  readonly db: DataParts['database']['db'];
  /** For what can be slow. */
  readonly reads: SlowReads;
}
