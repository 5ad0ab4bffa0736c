// The columns of the table `data.documents`, aliased `d` in every statement, by the names of the document's fields.

export const documentColumns = {
  id: 'd.id',
  schemaId: 'd.schema_id',
  creatorId: 'd.creator_id',
  userIds: 'd.user_ids',
  groupIds: 'd.group_ids',
  status: 'd.status',
  statusChangedAt: 'd.status_changed_at',
  data: 'd.data',
  version: 'd.version',
  syncedGroupIds: 'd.synced_group_ids',
  lockedAt: 'd.locked_at',
  createdAt: 'd.created_at',
  updatedAt: 'd.updated_at',
} as const;
