// Which groups a document is linked to because its people are patients there (`groupSyncMode`), beside those that were
// linked for their own sake. Pure: whoever calls it knows the enlistments.

export type GroupSyncMode = 'disabled' | 'creatorPatientEnlistments' | 'linkedUsersPatientEnlistments';

/** What of a document the formula reads and writes. */
export interface SyncedLinks {
  readonly creatorId: string;
  readonly userIds: readonly string[];
  readonly groupIds: readonly string[];
  /** Of `groupIds` those that come from enlistments alone. */
  readonly syncedGroupIds: readonly string[];
}

/** The groups where the user is or was a patient: an enlistment that has ended counts. */
export type PatientGroupsOf = (userId: string) => readonly string[];

/**
 * The document with the groups that its people bring now. Groups linked for their own sake stay, whether somebody
 * brings them or not. Doing it again changes nothing, nor does it change the order of what stays.
 */
export function withSyncedGroups<Document extends SyncedLinks>(
  document: Document,
  patientGroups: PatientGroupsOf,
  mode: GroupSyncMode,
): Document {
  return withGroupsOf(document, patientGroups, { mode, joining: syncingUsers(document, mode) });
}

export interface Joining {
  readonly mode: GroupSyncMode;
  /** Those of the document's people who bring groups that it does not have. */
  readonly joining: readonly string[];
  /** Which of their groups come; all unless told. */
  readonly comes?: (groupId: string) => boolean;
}

/**
 * The document with the groups that some of its people bring now, and without those that nobody brings any more. What
 * others bring does not come: somebody may have unlinked it.
 */
export function withGroupsOf<Document extends SyncedLinks>(
  document: Document,
  patientGroups: PatientGroupsOf,
  { mode, joining, comes = () => true }: Joining,
): Document {
  const synced = new Set(document.syncedGroupIds);
  if (mode === 'disabled') return synced.size === 0 ? document : { ...document, syncedGroupIds: [] };
  const people = syncingUsers(document, mode);
  const desired = new Set(people.flatMap(patientGroups));
  const manual = new Set(document.groupIds.filter((id) => !synced.has(id)));
  const arriving = people.filter((id) => joining.includes(id)).flatMap((id) => patientGroups(id).filter(comes));
  const staying = document.syncedGroupIds.filter((id) => desired.has(id));
  return {
    ...document,
    groupIds: [...new Set([...document.groupIds.filter((id) => manual.has(id) || desired.has(id)), ...arriving])],
    syncedGroupIds: [...new Set([...staying, ...arriving])].filter((id) => !manual.has(id)),
  };
}

/**
 * The same for a document of somebody who is gone: what nobody else brings becomes a link for its own sake, for a
 * deleted patient's documents stay with those who see them.
 */
export function withKeptGroups<Document extends SyncedLinks>(
  document: Document,
  patientGroups: PatientGroupsOf,
  mode: GroupSyncMode,
): Document {
  const synced = withGroupsOf(document, patientGroups, { mode, joining: [] });
  return { ...synced, groupIds: [...new Set([...document.groupIds, ...synced.groupIds])] };
}

/** The users whose enlistments a document follows. */
export function syncingUsers(
  { creatorId, userIds }: Pick<SyncedLinks, 'creatorId' | 'userIds'>,
  mode: GroupSyncMode,
): readonly string[] {
  if (mode === 'disabled') return [];
  return mode === 'creatorPatientEnlistments' ? [creatorId] : userIds;
}
