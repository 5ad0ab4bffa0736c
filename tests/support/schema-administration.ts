// Administration of schemas through the service `data`, in short.
import type { DataService, Fault } from './data-service.ts';
import { person } from './data-service.ts';
import { schemaMutation } from './schema-operations.ts';

export interface SchemaAnswer {
  // Tests read answers loosely; what they expect stands in their assertions.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly schema: any;
  readonly changes: readonly { readonly path: string; readonly kind: string }[];
}

export interface SchemaAdministration {
  /** The answer of a mutation of this name, by somebody who may do everything with schemas. */
  change(mutation: string, input: object): Promise<SchemaAnswer>;
  /** Its refusal. */
  refusal(mutation: string, input: object): Promise<Fault>;
}

export const schemaAdministrator = person({
  permissions: ['CREATE_SCHEMAS', 'UPDATE_SCHEMAS', 'DISABLE_SCHEMAS', 'DELETE_SCHEMAS'],
});

export function administrationOf(service: DataService): SchemaAdministration {
  return {
    change: async (mutation, input) =>
      (await service.ask(schemaAdministrator, schemaMutation(mutation), { input }))[mutation],
    refusal: (mutation, input) => service.refusal(schemaAdministrator, schemaMutation(mutation), { input }),
  };
}
