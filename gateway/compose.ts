// Composes the contracts of all subgraphs into one supergraph. What does not compose is refused with its reasons.
import { composeServices } from '@apollo/composition';
import { printSchema } from '@apollo/federation-internals';
import { parse } from 'graphql';
import { invariant } from '../platform/errors.ts';

export interface Contract {
  readonly name: string;
  /** The contract in federation's form. */
  readonly sdl: string;
}

export interface Supergraph {
  /** What the gateway plans with. */
  readonly supergraphSdl: string;
  /** What clients see. */
  readonly apiSdl: string;
}

export function compose(contracts: readonly Contract[]): Supergraph {
  const services = contracts.map(({ name, sdl }) => ({ name, url: `subgraph://${name}`, typeDefs: parse(sdl) }));
  const result = composeServices(services);
  if (result.errors !== undefined) {
    throw new Error(`The contracts do not compose:\n${result.errors.map(({ message }) => message).join('\n')}`);
  }
  invariant(result.schema !== undefined, 'what composes has a schema');
  return { supergraphSdl: result.supergraphSdl, apiSdl: printSchema(result.schema.toAPISchema()) };
}
