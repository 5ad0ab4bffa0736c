// One request's reading of applications and their versions.
import DataLoader from 'dataloader';
import { isIn } from '../../../platform/access/condition.ts';
import { toWhere } from '../../../platform/access/condition-where.ts';
import type { Identity } from '../../../platform/identity/identity.ts';
import { isId } from '../../../platform/ids.ts';
import type { AuthDatabase } from '../auth-parts.ts';
import type { ApplicationModel, ApplicationVersionModel } from '../models.ts';
import { applicationRows, findVersions, versionModel } from './store.ts';
import { visibleApplication } from './visible-application.ts';

/** By id; null for one that is missing, invisible or no id at all. */
export function applicationsLoader(
  { db }: AuthDatabase,
  identity: Identity,
): DataLoader<string, ApplicationModel | null> {
  return new DataLoader(async (given) => {
    // References come from anywhere: what is no id must not reach the database, nor fail the others of its batch.
    const ids = given.map((id) => (isId(id) ? id.toLowerCase() : undefined));
    const wanted = toWhere(isIn('id', new Set(ids.filter((id) => id !== undefined))));
    const rows = await applicationRows.find(db, { where: { AND: [wanted, toWhere(visibleApplication(identity))] } });
    const found = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => (id === undefined ? undefined : found.get(id)) ?? null);
  });
}

/** By the id of the application: its versions, oldest first. Who may see them is decided on the field. */
export function applicationVersionsLoader({ db }: AuthDatabase): DataLoader<string, ApplicationVersionModel[]> {
  return new DataLoader(async (applicationIds) => {
    const found = (await findVersions(db, applicationIds)).map(versionModel);
    return applicationIds.map((id) => found.filter(({ applicationId }) => applicationId === id));
  });
}
