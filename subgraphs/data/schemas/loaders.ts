// This request's loaders of what schemas show besides themselves.
import DataLoader from 'dataloader';
import type { Viewer } from '../access.ts';
import type { IndexLoaders } from '../indexes/list-indexes.ts';
import { indexLoaders } from '../indexes/list-indexes.ts';
import type { LoaderTables } from '../loader-tables.ts';
import type { DocumentSchemaModel } from '../models.ts';
import { seesSchemas } from './visible-schema.ts';

export interface SchemaLoaders extends IndexLoaders {
  /** Whether the viewer sees the schema. */
  readonly seesSchema: DataLoader<DocumentSchemaModel, boolean, string>;
}

export function schemaLoaders({ db, reads }: LoaderTables, viewer: Viewer): SchemaLoaders {
  return {
    ...indexLoaders(db),
    seesSchema: new DataLoader((schemas) => seesSchemas(reads, viewer, schemas), { cacheKeyFn: ({ id }) => id }),
  };
}
