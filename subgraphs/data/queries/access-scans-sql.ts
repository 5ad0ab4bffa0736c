// How a list finds the documents that a viewer sees, so that it costs those of a few groups what it costs those who see
// all. `group_ids && …` has an index without an order: with it PostgreSQL reads all documents of the groups and sorts
// them, or reads the list in its order and passes over what is others'. So each index of an order has companions in
// which the document's first group stands in front, or its second; documents with more groups have one of their own.
// A list then is the first of what each of them gives. The rule itself stays that of the condition, cut in pieces of
// which no two share a document.
import { Prisma } from '../../../generated/prisma/client.ts';
import type { Condition } from '../../../platform/access/condition.ts';
import { all, any, simplified } from '../../../platform/access/condition.ts';
import { toSql } from '../../../platform/access/condition-sql.ts';
import { documentColumns } from './document-columns.ts';

type Sql = Prisma.Sql;

/** A piece of what a viewer sees. */
export interface AccessScan {
  readonly where: Sql;
  /** Read once for each of these groups; `where` knows it as `grp.id`. */
  readonly groups?: readonly string[];
}

/** With more groups a viewer sees so much that most of a list is theirs. */
const mostGroups = 10;

/**
 * The pieces of the condition; one when it does not depend on groups, or on too many of them. Planning a piece costs
 * PostgreSQL more than reading nothing from it, so there is none for documents with more than two groups where there are
 * none (`manyGroups`), and one group needs no list of them.
 */
export function accessScans(visible: Condition, manyGroups: boolean): readonly [AccessScan, ...AccessScan[]] {
  const found = splitByGroups(simplified(visible));
  if (found === undefined || found.groups.length > mostGroups) return [{ where: toSql(visible, documentColumns) }];
  const { always, otherwise, groups } = found;
  const ids = Prisma.sql`${groups}::uuid[]`;
  const shared = toSql(always, documentColumns);
  const inGroup = (column: Sql): AccessScan =>
    groups.length === 1
      ? { where: Prisma.sql`${shared} AND ${column} = ${groups[0]}::uuid` }
      : { where: Prisma.sql`${shared} AND ${column} = grp.id`, groups };
  const second = inGroup(Prisma.sql`d.group_ids[2]`);
  const scans: [AccessScan, ...AccessScan[]] = [
    inGroup(Prisma.sql`d.group_ids[1]`),
    { ...second, where: Prisma.sql`${second.where} AND (d.group_ids[1] = ANY(${ids})) IS NOT TRUE` },
  ];
  if (manyGroups) {
    scans.push({
      where: Prisma.sql`${shared} AND cardinality(d.group_ids) > 2 AND d.group_ids[3:] && ${ids} AND (d.group_ids[1:2] && ${ids}) IS NOT TRUE`,
    });
  }
  if (otherwise.kind !== 'never') {
    const others = toSql(otherwise, documentColumns);
    scans.push({ where: Prisma.sql`${shared} AND ${others} AND (d.group_ids && ${ids}) IS NOT TRUE` });
  }
  return scans;
}

/** What stands in front of the columns of an index in each of its companions, and which documents these hold. */
export const companions = [
  { suffix: 'g1', column: '(group_ids[1])', where: 'group_ids[1] IS NOT NULL' },
  { suffix: 'g2', column: '(group_ids[2])', where: 'group_ids[2] IS NOT NULL' },
  { suffix: 'gx', column: undefined, where: 'cardinality(group_ids) > 2' },
] as const;

interface SplitCondition {
  /** Holds of every document that the viewer sees. */
  readonly always: Condition;
  /** Gives sight without groups. */
  readonly otherwise: Condition;
  readonly groups: readonly string[];
}

function splitByGroups(condition: Condition): SplitCondition | undefined {
  const parts = condition.kind === 'all' ? condition.of : [condition];
  const part = parts.find((one) => groupsOf(one) !== undefined || (one.kind === 'any' && one.of.some(groupsOf)));
  if (part === undefined) return undefined;
  const ways = part.kind === 'any' ? part.of : [part];
  return {
    always: all(...parts.filter((one) => one !== part)),
    otherwise: any(...ways.filter((one) => groupsOf(one) === undefined)),
    groups: [...new Set(ways.flatMap((one) => groupsOf(one) ?? []))],
  };
}

function groupsOf(condition: Condition): readonly string[] | undefined {
  return condition.kind === 'overlaps' && condition.column === 'groupIds' ? condition.values : undefined;
}
