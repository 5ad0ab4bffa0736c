// Composes the contracts of all subgraphs into one supergraph. What does not compose is refused with its reasons.
import { composeServices } from '@apollo/composition';
import { printSchema } from '@apollo/federation-internals';
import { parse } from 'graphql';
import { invariant } from '../platform/errors.ts';
import { findRequiredArguments } from './find-required-arguments.ts';
import { findUnsupportedFeatures } from './find-unsupported-features.ts';

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
  const unsafe = services.flatMap(({ name, typeDefs }) => findRequiredArguments(name, typeDefs));
  const result = composeServices(services);
  const unsupported = result.supergraphSdl === undefined ? [] : findUnsupportedFeatures(result.supergraphSdl);
  const faults = [...unsafe, ...unsupported, ...(result.errors ?? []).map(({ message }) => message)];
  if (faults.length > 0) throw new Error(`The contracts do not compose:\n${faults.join('\n')}`);
  invariant(result.supergraphSdl !== undefined, 'what composes has a supergraph');
  invariant(result.schema !== undefined, 'what composes has a schema');
  return { supergraphSdl: result.supergraphSdl, apiSdl: printSchema(result.schema.toAPISchema()) };
}
