// Builds what protects the gateway from the configuration: in memory, or with Redis for all gateways together.

import type { GraphQLSchema } from 'graphql';
import type { Redis } from 'ioredis';
import type { Config } from '../../platform/config.ts';
import type { Logger } from '../../platform/subgraph/context.ts';
import { connectRedis } from '../connect-redis.ts';
import type { ComposedSupergraph } from '../served-supergraph.ts';
import { createMemoryBuckets } from './buckets.ts';
import type { AddressOf } from './client.ts';
import { createAddressOf } from './client.ts';
import type { OperationGate } from './operation-gate.ts';
import { createOperationGate } from './operation-gate.ts';
import { createPersistedQueries } from './persisted-queries.ts';
import type { Rates } from './rates.ts';
import { createRates } from './rates.ts';
import type { ReadOperationRequest } from './read-operation.ts';
import { createOperationReader } from './read-operation.ts';
import { createFindText } from './stored-documents.ts';
import { startTrustedDocuments } from './trusted-documents.ts';

export interface Protection extends OperationGate {
  readonly read: ReadOperationRequest;
  readonly rates: Rates;
  readonly addressOf: AddressOf;
  close(): void;
}

export interface ProtectionOptions {
  readonly config: Pick<Config, 'protection' | 'redisUrl' | 'introspection'>;
  readonly schema: () => GraphQLSchema;
  readonly supergraph: () => ComposedSupergraph;
  readonly log: Logger;
}

export async function openProtection({ config, schema, supergraph, log }: ProtectionOptions): Promise<Protection> {
  const { protection, redisUrl, introspection } = config;
  const { limits, costPerMinute, trustedDocuments, trustedDocumentsOnly } = protection;
  const trusted =
    trustedDocuments === undefined ? undefined : await startTrustedDocuments({ file: trustedDocuments, log });
  const redis = redisUrl === undefined ? undefined : await connectRedis(redisUrl, { commandMilliseconds: 500 });
  const buckets = await openBuckets(redis, log);
  const rates = createRates(buckets, protection.rates);
  const findText = createFindText({
    persisted: createPersistedQueries(redis),
    trusted,
    trustedOnly: trustedDocumentsOnly,
  });
  return {
    read: createOperationReader({ findText, schema, limits, introspection }),
    ...createOperationGate({ supergraph, limits, costPerMinute, buckets, rates }),
    rates,
    addressOf: createAddressOf(protection.trustedProxies),
    close() {
      trusted?.close();
      redis?.disconnect();
    },
  };
}

async function openBuckets(redis: Redis | undefined, log: Logger) {
  if (redis === undefined) return createMemoryBuckets();
  const { createRedisBuckets } = await import('./redis-buckets.ts');
  return createRedisBuckets(redis, log);
}
