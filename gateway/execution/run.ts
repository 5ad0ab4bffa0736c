// One execution of a plan: what its steps share. It has one root for a query or mutation; for a subscription one for each
// event that is completed at the same time, and what several events ask for is asked for once.
import type { GraphQLDataSource } from '@apollo/gateway';
import { locateEntities } from './collect-entities.ts';
import type { Wave } from './fetch-wave.ts';
import type { Path, Tree } from './tree.ts';

export interface Root {
  readonly data: Tree;
  /** GraphQLErrors of subgraphs, and whatever a data source has thrown. */
  readonly errors: unknown[];
}

export interface Run {
  readonly roots: readonly Root[];
  readonly variables: Readonly<Record<string, unknown>>;
  /** Values of the variables that @skip and @include depend on. */
  readonly conditions: ReadonlyMap<string, boolean>;
  readonly dataSources: Readonly<Record<string, GraphQLDataSource>>;
  /** Handed to data sources as it is. */
  readonly context: Record<string, unknown>;
  readonly incomingRequest: unknown;
  /** When it has fired, no further fetch begins. */
  readonly signal: AbortSignal | undefined;
  readonly waves: Map<number, Wave>;
  readonly startedAt: number;
  readonly onFetch: ((fetch: FetchReport) => void) | undefined;
}

/** What was sent to a subgraph. */
export interface FetchReport {
  readonly service: string;
  /** Entities in the data that the fetches are about. */
  readonly entities: number;
  /** Of these, those with all that is required. */
  readonly complete: number;
  /** Representations sent: of the complete ones, those that differ. */
  readonly representations: number;
}

/** Objects in the data that a step is about, and the path that leads to them. */
export interface Cursor {
  readonly entities: readonly Tree[];
  readonly path: Path;
}

/** Undefined for a step into which nothing leads: its fetches are not made. Never rejects. */
export type Step = (run: Run, at: Cursor | undefined) => Promise<void> | undefined;

/** Reports an error that no entity is named in: to each root that the cursor has entities of. */
export function reportToAll({ roots }: Run, at: Cursor, error: unknown): void {
  const [only] = roots;
  if (roots.length === 1) {
    only?.errors.push(error);
    return;
  }
  const concerned = new Set(at.entities);
  for (const root of roots) {
    const places = locateEntities(root.data, at.path);
    if ([...places.keys()].some((entity) => concerned.has(entity))) root.errors.push(error);
  }
}
