// The schema that the gateway serves at present, with what executes operations over it. One object, swapped whole.
import type { GraphQLDataSource } from '@apollo/gateway';
import type { GraphQLSchema } from 'graphql';
import type { Executor, ExecutorOptions } from './execution/executor.ts';
import { createExecutor } from './execution/executor.ts';

export interface SupergraphState {
  /** What clients see, for validation. */
  readonly schema: GraphQLSchema;
  readonly executor: Executor;
  /** For each subgraph, the event types of its subscription fields. */
  readonly topics: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;
}

/** What a state is made of. */
export interface SupergraphParts extends Pick<ExecutorOptions, 'onCompile' | 'planner'> {
  readonly supergraphSdl: string;
  readonly dataSources: Readonly<Record<string, GraphQLDataSource>>;
  readonly topics: SupergraphState['topics'];
}

export function buildSupergraphState({ topics, ...parts }: SupergraphParts): SupergraphState {
  const executor = createExecutor(parts);
  return { schema: executor.schema, executor, topics };
}
