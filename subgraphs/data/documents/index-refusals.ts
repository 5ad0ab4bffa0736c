// Says why an index of the schema does not take a document: its values must differ from those of all others, or are
// too long.
import { findIndexViolation } from '../../../platform/database/violated-index.ts';
import { AppError } from '../../../platform/errors.ts';
import { indexIdOf, indexPrefix } from '../indexes/index-statements.ts';
import { findIndex } from '../indexes/store.ts';
import type { DataParts } from '../parts.ts';
import { dataFault } from '../schemas/schema-checks.ts';

/**
 * What `write`, which is a whole transaction, resolves to. Where an index of the schema refuses what it writes:
 * ALREADY_EXISTS, or BAD_USER_INPUT for a value that is too long, naming the fields of the index below `field`.
 */
export async function explainingIndexes<T>(
  { database }: Pick<DataParts, 'database'>,
  field: string,
  write: () => Promise<T>,
): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const violation = findIndexViolation(error, indexPrefix);
    if (violation === undefined) throw error;
    if (violation.index === undefined) throw dataFault(field, 'a value is too long for an index of the schema.');
    const index = await findIndex(database.db, indexIdOf(violation.index));
    const names = index?.fields.map(({ name }) => name.replace(/^data\./, '')) ?? [];
    const at = names.length === 1 ? `${field}.${names[0]}` : field;
    if (violation.kind === 'too long') {
      throw dataFault(at, `${names.join(', ')}: a value is too long for an index of the schema.`);
    }
    const message = `${at}: another document has the same values in ${names.join(', ')}, which an index of the schema does not allow.`;
    throw new AppError('ALREADY_EXISTS', message, { field: at, code: 17 });
  }
}
