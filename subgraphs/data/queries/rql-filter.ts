// Conditions of RQL as typed filters: the two say the same and mean the same.
import type { DocumentFilter } from '../../../generated/resolvers/data.ts';
import type { RqlTerm } from './rql-terms.ts';
import { RqlFault, shortened } from './rql-terms.ts';
import { rqlText, rqlValue } from './rql-value.ts';

/** The reference's names of root fields that have another name here. */
const otherNames: Readonly<Record<string, string>> = {
  creationTimestamp: 'createdAt',
  updateTimestamp: 'updatedAt',
  statusChangedTimestamp: 'statusChangedAt',
};

export function rootField(name: string): string {
  return Object.hasOwn(otherNames, name) ? (otherNames[name] as string) : name;
}

/** `inElement`: fields count from an object in a list, not from the document. */
export function filterOf(term: RqlTerm, inElement = false): DocumentFilter {
  switch (term.operator) {
    case 'and':
    case 'or':
      return { [term.operator]: conditionsOf(term, inElement) };
    case 'eq':
    case 'ne':
    case 'gt':
    case 'ge':
    case 'lt':
    case 'le': {
      const [value, ...more] = valuesOf(term).map(rqlValue);
      if (value === undefined || more.length > 0) throw arity(term, 'a field and one value');
      return { ...fieldOf(term, inElement), [term.operator]: value };
    }
    case 'in':
    case 'out': {
      const values = valuesOf(term).map(rqlValue);
      if (values.length === 0) throw arity(term, 'a field and at least one value');
      return { ...fieldOf(term, inElement), [term.operator]: values };
    }
    case 'like': {
      const [text, ...more] = valuesOf(term);
      if (text === undefined || more.length > 0) throw arity(term, 'a field and one value');
      return { ...fieldOf(term, inElement), like: rqlText(text) };
    }
    case 'contains':
    case 'excludes':
      return presence(term, inElement);
    case 'select':
    case 'sort':
    case 'limit':
    case 'skipCount':
    case 'skip_count':
      throw new RqlFault(`\`${term.operator}\` stands at the top or in \`and\` there, nowhere else.`);
    default:
      throw new RqlFault(`there is no operator \`${shortened(term.operator)}\`.`);
  }
}

function presence(term: RqlTerm, inElement: boolean): DocumentFilter {
  const [, condition, ...more] = term.args;
  const field = fieldOf(term, inElement);
  if (condition === undefined) return { ...field, present: term.operator === 'contains' };
  if (condition.kind === 'text' || more.length > 0) throw arity(term, 'a field, or a field and one condition');
  return { ...field, [term.operator]: filterOf(condition.term, true) };
}

function conditionsOf(term: RqlTerm, inElement: boolean): DocumentFilter[] {
  return term.args.map((argument) => {
    if (argument.kind === 'text') throw arity(term, 'conditions');
    return filterOf(argument.term, inElement);
  });
}

function fieldOf(term: RqlTerm, inElement: boolean): { field: string } {
  const [field] = term.args;
  if (field?.kind !== 'text' || field.text === '') throw arity(term, 'a field first');
  return { field: inElement ? field.text : rootField(field.text) };
}

function valuesOf(term: RqlTerm): string[] {
  return term.args.slice(1).map((argument) => {
    if (argument.kind === 'term') throw arity(term, 'values, no conditions');
    return argument.text;
  });
}

function arity({ operator }: RqlTerm, wanted: string): RqlFault {
  return new RqlFault(`\`${operator}\` takes ${wanted}.`);
}
