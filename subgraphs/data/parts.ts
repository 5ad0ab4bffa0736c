// What the use cases of this service stand on; made once, when the service is built.
import type { Clock } from '../../platform/clock.ts';
import type { ServiceDatabase } from '../../platform/database/database.ts';
import type { ServiceClient } from '../../platform/subgraph/service-client.ts';
import type { CompileConfiguration } from './schemas/compile-configuration.ts';
import type { ChecksOf } from './schemas/schema-checks.ts';

/** The tables of this service. */
export type DataModel =
  | 'document'
  | 'documentComment'
  | 'documentFile'
  | 'documentIndex'
  | 'documentRun'
  | 'documentSchema'
  | 'documentVersion';

export interface DataParts {
  readonly database: ServiceDatabase<DataModel>;
  readonly services: ServiceClient;
  readonly clock: Clock;
  readonly compile: CompileConfiguration;
  readonly checksOf: ChecksOf;
}
