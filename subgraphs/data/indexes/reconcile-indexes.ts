// Brings the indexes of a schema in line with its definition: new ones are noted and built by a job, those that are no
// longer wanted are dropped by one.
import type { WriteTransaction } from '../../../platform/database/database.ts';
import { AppError, invariant } from '../../../platform/errors.ts';
import { newId } from '../../../platform/ids.ts';
import type { DocumentSchemaModel } from '../models.ts';
import type { IndexDefinition } from '../schemas/index-shape.ts';
import type { Properties } from '../schemas/type-configuration.ts';
import type { IndexableField } from './fitting-indexes.ts';
import { findIndexableField } from './fitting-indexes.ts';
import type { IndexContent, IndexedAs } from './store.ts';
import { countIndexes, findIndexesOf, insertIndex, markIndexDropping } from './store.ts';

type Transaction = Pick<WriteTransaction<'documentIndex'>, 'db' | 'enqueue'>;

/** They are on one table: PostgreSQL looks at each of them whenever it plans a query, and whatever schema it is for. */
const mostIndexesOfAll = 200;

/** Under the schema's lock, or before anybody else knows the schema. */
export async function reconcileIndexes(
  tx: Transaction,
  { id: schemaId, definition }: Pick<DocumentSchemaModel, 'id' | 'definition'>,
): Promise<void> {
  const known = await findIndexesOf(tx.db, [schemaId]);
  const wanted = definition.indexes.map((index) => contentOf(index, definition.properties));
  const wantedKeys = new Set(wanted.map(contentKey));
  const knownKeys = new Set(known.map(contentKey));
  for (const index of known) {
    if (!wantedKeys.has(contentKey(index))) await drop(tx, index.id);
  }
  const missing = wanted.filter((content) => !knownKeys.has(contentKey(content)));
  if (missing.length > 0) await requireRoom(tx.db, missing.length);
  for (const content of missing) {
    const id = newId();
    await insertIndex(tx.db, { ...content, id, schemaId, state: 'BUILDING', failure: null });
    tx.enqueue({ job: 'buildIndex', data: { indexId: id } });
  }
}

async function requireRoom(db: Transaction['db'], missing: number): Promise<void> {
  if ((await countIndexes(db)) + missing <= mostIndexesOfAll) return;
  const message = `All schemas together have at most ${mostIndexesOfAll} indexes: delete some that are not needed.`;
  throw new AppError('ILLEGAL_STATE', message, { code: 27 });
}

export async function dropIndexesOf(tx: Transaction, schemaId: string): Promise<void> {
  for (const { id } of await findIndexesOf(tx.db, [schemaId])) await drop(tx, id);
}

async function drop(tx: Transaction, id: string): Promise<void> {
  await markIndexDropping(tx.db, id);
  tx.enqueue({ job: 'dropIndex', data: { indexId: id } });
}

function contentOf({ fields, options = {} }: IndexDefinition, properties: Properties): IndexContent {
  return {
    fields: fields.map(({ name, type }) => {
      const found = findIndexableField(name, properties);
      invariant(found !== undefined, 'the fields of indexes are checked with the definition');
      return { name, type, as: indexedAs(found) };
    }),
    unique: options.unique ?? false,
    sparse: options.sparse ?? false,
  };
}

function indexedAs(field: IndexableField): IndexedAs {
  if (field.kind === 'data') return field.type;
  return field.kind === 'list' ? 'list' : 'column';
}

function contentKey({ fields, unique, sparse }: IndexContent): string {
  return JSON.stringify([fields.map(({ name, type, as }) => [name, type, as]), unique, sparse]);
}
