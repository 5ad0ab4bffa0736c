// The indexes of schemas as they are shown: those that every schema has, and those that its author asked for.
import DataLoader from 'dataloader';
import type { DocumentIndexField, DocumentIndexModel } from '../models.ts';
import type { IndexDb, StoredIndex } from './store.ts';
import { findIndexesOf } from './store.ts';

export interface IndexLoaders {
  /** By the id of the schema. */
  readonly indexesOf: DataLoader<string, readonly DocumentIndexModel[]>;
}

/** Made by migrations, on all documents. */
const systemIndexes: Readonly<Record<string, readonly string[]>> = {
  'system-id': ['id'],
  'system-creatorId': ['creatorId', 'id'],
  'system-userIds': ['userIds'],
  'system-groupIds': ['groupIds'],
};

export function isSystemIndex(id: string): boolean {
  return Object.hasOwn(systemIndexes, id);
}

export function indexLoaders(db: IndexDb): IndexLoaders {
  return {
    indexesOf: new DataLoader(async (schemaIds) => {
      const found = await findIndexesOf(db, schemaIds);
      return schemaIds.map((schemaId) => [
        ...systemIndexesOf(schemaId),
        ...found.filter((index) => index.schemaId === schemaId).map(shown),
      ]);
    }),
  };
}

function systemIndexesOf(schemaId: string): DocumentIndexModel[] {
  return Object.entries(systemIndexes).map(([id, names]) => ({
    id,
    schemaId,
    fields: names.map((name): DocumentIndexField => ({ name, type: 'asc' })),
    unique: id === 'system-id',
    sparse: false,
    system: true,
    state: 'READY',
    failure: null,
  }));
}

function shown({ fields, state, ...index }: StoredIndex): DocumentIndexModel {
  return {
    ...index,
    fields: fields.map(({ name, type }) => ({ name, type })),
    system: false,
    // Those that are being dropped are not found.
    state: state as DocumentIndexModel['state'],
  };
}
