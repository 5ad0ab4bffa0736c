// Links of a document to users and groups, made and ended by hand: with the groups that its users bring, where the
// schema asks for that. Pure.
import type { WorkflowSetting } from './advance.ts';
import { withPeopleOf } from './advance.ts';
import type { Draft } from './draft.ts';
import { withGroups } from './run-action.ts';

type LinkSetting = Pick<WorkflowSetting, 'schema' | 'facts'>;

export interface PeopleLinks {
  readonly userIds: readonly string[];
  readonly groupIds: readonly string[];
}

/** A group that somebody links stays, even when those who brought it before leave. */
export function withLinks(draft: Draft, { userIds, groupIds }: PeopleLinks, setting: LinkSetting): Draft {
  return withGroups(withUsers(draft, [...new Set([...draft.userIds, ...userIds])], setting), groupIds);
}

/** A group that is named goes, even when somebody still brings it. */
export function withoutLinks(draft: Draft, { userIds, groupIds }: PeopleLinks, setting: LinkSetting): Draft {
  const left = withUsers(
    draft,
    draft.userIds.filter((id) => !userIds.includes(id)),
    setting,
  );
  const stays = (id: string) => !groupIds.includes(id);
  return { ...left, groupIds: left.groupIds.filter(stays), syncedGroupIds: left.syncedGroupIds.filter(stays) };
}

function withUsers(draft: Draft, userIds: readonly string[], setting: LinkSetting): Draft {
  if (userIds.length === draft.userIds.length) return draft;
  return withPeopleOf({ ...draft, userIds }, draft, setting);
}
