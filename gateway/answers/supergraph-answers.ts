// What answers are kept by, of each supergraph: a text that stands for an operation, and the policy of its document.
import { createHash } from 'node:crypto';
import type { GraphQLSchema, OperationDefinitionNode } from 'graphql';
import type { ReadOperation } from '../protection/read-operation.ts';
import type { ComposedSupergraph, ServedSupergraph } from '../served-supergraph.ts';
import { readCacheHints } from './cache-hints.ts';
import type { CachePolicy } from './cache-policy.ts';
import { cachePolicy } from './cache-policy.ts';

export interface OperationNames {
  /** Of the document and the operation of it, whatever its variables. */
  readonly document: string;
  /** With its variables. */
  readonly operation: string;
}

export interface SupergraphAnswers {
  namesOf(operation: ReadOperation): OperationNames;
  policyOf(operation: ReadOperation): CachePolicy;
}

interface Known {
  readonly tag: string;
  readonly policyOf: (operation: ReadOperation) => CachePolicy;
}

/** Grows when another form of answers is kept. */
const form = 1;

export function createSupergraphAnswers(served: Pick<ServedSupergraph, 'composedOf'>): SupergraphAnswers {
  const schemas = new WeakMap<GraphQLSchema, Known>();
  const known = (schema: GraphQLSchema): Known => {
    const found = schemas.get(schema) ?? createKnown(served.composedOf(schema));
    schemas.set(schema, found);
    return found;
  };
  return {
    namesOf({ schema, query, operationName, variables }) {
      const document = sha256(JSON.stringify([form, known(schema).tag, operationName ?? null, query]));
      return { document, operation: sha256(JSON.stringify([document, variables])) };
    },
    policyOf: (operation) => known(operation.schema).policyOf(operation),
  };
}

function createKnown({ contracts, supergraphSdl }: ComposedSupergraph): Known {
  const hints = readCacheHints(contracts);
  const policies = new WeakMap<OperationDefinitionNode, CachePolicy>();
  const sorted = contracts.map(({ name, sdl }) => [name, sdl]).sort();
  return {
    tag: sha256(JSON.stringify([supergraphSdl, sorted])),
    policyOf(operation) {
      const policy = policies.get(operation.operation) ?? cachePolicy(hints, operation);
      policies.set(operation.operation, policy);
      return policy;
    },
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
