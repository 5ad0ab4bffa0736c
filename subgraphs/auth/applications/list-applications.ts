// The applications, by name.
import { all, type Condition, isIn } from '../../../platform/access/condition.ts';
import { toWhere } from '../../../platform/access/condition-where.ts';
import type { Identity } from '../../../platform/identity/identity.ts';
import { listRows } from '../../../platform/paging/list-rows.ts';
import type { Connection, PageArguments } from '../../../platform/paging/page.ts';
import { requireText } from '../../../platform/text.ts';
import type { AuthDatabase } from '../auth-parts.ts';
import type { ApplicationModel } from '../models.ts';
import { applicationRows } from './store.ts';
import { visibleApplication } from './visible-application.ts';

export interface ApplicationsArguments extends PageArguments {
  readonly name?: string | null;
  readonly type?: ApplicationModel['type'] | null;
}

const byName = { field: 'name', direction: 'asc' } as const;

export function listApplications(
  { db }: AuthDatabase,
  identity: Identity,
  args: ApplicationsArguments,
): Promise<Connection<ApplicationModel>> {
  const filters: Condition[] = [];
  if (typeof args.name === 'string') filters.push(isIn('name', [requireText(args.name, 'name', { most: 1_000 })]));
  if (typeof args.type === 'string') filters.push(isIn('type', [args.type]));
  const where = toWhere(all(visibleApplication(identity), ...filters));
  return listRows(db, applicationRows, { args, sort: byName, where });
}
