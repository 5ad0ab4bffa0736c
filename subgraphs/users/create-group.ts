// Creates a group. It starts without staff, patients and roles.
import { newId } from '../../platform/ids.ts';
import { requireText } from '../../platform/text.ts';
import { insertGroup } from './group-store.ts';
import type { GroupModel } from './models.ts';
import type { UsersDatabase } from './store.ts';

export interface CreateGroupInput {
  readonly name: string;
  readonly description?: string;
}

export function createGroup(database: UsersDatabase, input: CreateGroupInput): Promise<GroupModel> {
  const group = {
    id: newId(),
    name: requireText(input.name, 'input.name', { least: 1, most: 100 }),
    description: requireText(input.description ?? '', 'input.description', { most: 1_000 }),
  };
  return database.write(async (tx) => {
    tx.publish({ type: 'group_created', content: { groupId: group.id } });
    return insertGroup(tx.db, group);
  });
}
