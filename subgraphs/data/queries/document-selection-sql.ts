// What a query answers so that its rows are documents, with their data or without it.
import { Prisma } from '../../../generated/prisma/client.ts';
import { documentColumns } from './document-columns.ts';

export interface DocumentSelection {
  /** False: `data` is `{}` and is not read, for those who do not look at it. */
  readonly withData: boolean;
}

/** What a query answers so that its rows are a DocumentModel. */
export function documentSelection({ withData }: DocumentSelection): Prisma.Sql {
  const columns = Object.entries({ ...documentColumns, ...(withData ? {} : { data: "'{}'::jsonb" }) });
  return Prisma.raw(columns.map(([field, column]) => `${column} AS "${field}"`).join(', '));
}
