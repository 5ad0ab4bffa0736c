// A condition as a Prisma `where`. Column names in conditions are the model's field names.
import { type Condition, simplified } from './condition.ts';

/** A `where` of any model; the store that uses it knows which. */
export type Where = Record<string, unknown>;

/**
 * Matches no row, wherever it stands. Not an empty OR: within an AND Prisma leaves that out, which would show all.
 * Every model has `createdAt`.
 */
export const nothing: Where = { createdAt: { in: [] } };

export function toWhere(condition: Condition): Where {
  return simplifiedToWhere(simplified(condition));
}

function simplifiedToWhere(condition: Condition): Where {
  switch (condition.kind) {
    case 'always':
      return {};
    case 'never':
      return nothing;
    case 'all':
      return { AND: condition.of.map(simplifiedToWhere) };
    case 'any':
      return { OR: condition.of.map(simplifiedToWhere) };
    case 'in':
      return { [condition.column]: condition.values.length === 1 ? condition.values[0] : { in: condition.values } };
    case 'own':
      // The database does not tell what it compared: the answer is personal. The id is nobody's, so nothing is found.
      condition.id.reveal();
      return nothing;
    case 'absent':
      return { [condition.column]: null };
    case 'overlaps':
      return { [condition.column]: { hasSome: condition.values } };
    case 'some':
      return { [condition.relation]: { some: simplifiedToWhere(condition.where) } };
    case 'related':
      return { [condition.relation]: { is: simplifiedToWhere(condition.where) } };
  }
}
