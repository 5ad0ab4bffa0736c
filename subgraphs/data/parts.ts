// What the use cases of this service stand on; made once, when the service is built.
import type { ServiceDatabase } from '../../platform/database/database.ts';
import type { ServiceClient } from '../../platform/subgraph/service-client.ts';
import type { CompileConfiguration } from './compile-configuration.ts';
import type { ChecksOf } from './schema-checks.ts';

export interface DataParts {
  readonly database: ServiceDatabase<'document' | 'documentSchema' | 'documentFile'>;
  readonly services: ServiceClient;
  readonly compile: CompileConfiguration;
  readonly checksOf: ChecksOf;
}
