// The schema that the gateway serves at present, with the planner and what executes plans. One object, swapped whole.
import type { Schema } from '@apollo/federation-internals';
import { Supergraph } from '@apollo/federation-internals';
import type { GraphQLDataSource } from '@apollo/gateway';
import { ApolloGateway } from '@apollo/gateway';
import { QueryPlanner } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from '../platform/subgraph/context.ts';

export interface SupergraphState {
  /** What clients see, for validation. */
  readonly schema: GraphQLSchema;
  readonly apiSchema: Schema;
  readonly supergraphSchema: GraphQLSchema;
  readonly planner: QueryPlanner;
  readonly dataSources: Readonly<Record<string, GraphQLDataSource>>;
  /** For each subgraph, the event types of its subscription fields. */
  readonly topics: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;
}

/** What a state is made of. */
export interface SupergraphParts {
  readonly supergraphSdl: string;
  readonly dataSources: SupergraphState['dataSources'];
  readonly topics: SupergraphState['topics'];
}

export function buildSupergraphState({ supergraphSdl, dataSources, topics }: SupergraphParts): SupergraphState {
  const supergraph = Supergraph.build(supergraphSdl);
  const apiSchema = supergraph.apiSchema();
  return {
    schema: apiSchema.toGraphQLJSSchema(),
    apiSchema,
    supergraphSchema: supergraph.schema.toGraphQLJSSchema(),
    planner: new QueryPlanner(supergraph),
    dataSources,
    topics,
  };
}

/** Apollo's gateway over the same supergraph, for queries and mutations. Apollo Server starts and stops it. */
export function createApolloGateway(
  supergraphSdl: string,
  dataSources: Readonly<Record<string, GraphQLDataSource>>,
  log: Logger,
): ApolloGateway {
  // The gateway would report its use to its maker; it reads this when it is constructed.
  process.env.APOLLO_TELEMETRY_DISABLED = 'true';
  return new ApolloGateway({
    supergraphSdl,
    buildService: ({ name }) => {
      const dataSource = dataSources[name];
      if (dataSource === undefined) throw new Error(`The supergraph names ${name}, which has no data source`);
      return dataSource;
    },
    __exposeQueryPlanExperimental: false,
    logger: {
      debug: () => undefined,
      info: (message) => log.debug({ message }, 'apollo gateway'),
      warn: (message) => log.warn({ message }, 'apollo gateway'),
      error: (message) => log.error({ message }, 'apollo gateway'),
    },
  });
}
