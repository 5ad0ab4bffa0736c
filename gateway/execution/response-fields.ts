// The fields that an answer has for an object of one type: selections of all fragments that apply, collected under their
// response names in the order in which they first stand. Conditions are decided by then.
import type {
  CompositeType,
  FieldSelection,
  OperationElement,
  Schema,
  SelectionSet,
  Type,
} from '@apollo/federation-internals';
import { isSubtype, Variable } from '@apollo/federation-internals';

export type Conditions = ReadonlyMap<string, boolean>;

export interface ResponseField {
  readonly responseName: string;
  readonly selections: readonly FieldSelection[];
  /** As the selection that comes first sees it. */
  readonly parentType: CompositeType;
}

/** `typename`: of the object, undefined where it was not fetched; then its type is known from `parentType` only. */
export function collectFields(
  selectionSets: readonly SelectionSet[],
  typename: string | undefined,
  parentType: CompositeType,
  conditions: Conditions,
): readonly ResponseField[] {
  const fields = new Map<string, ResponseField & { readonly selections: FieldSelection[] }>();
  const visit = (set: SelectionSet, parent: CompositeType): void => {
    for (const selection of set.selections()) {
      if (isLeftOut(selection.element, conditions)) continue;
      if (selection.kind === 'FieldSelection') {
        const responseName = selection.element.responseName();
        const known = fields.get(responseName);
        if (known !== undefined) known.selections.push(selection);
        else fields.set(responseName, { responseName, selections: [selection], parentType: parent });
        continue;
      }
      const { typeCondition } = selection.element;
      if (typeCondition === undefined || applies(typeCondition, typename, parent)) {
        visit(selection.selectionSet, typeCondition ?? parent);
      }
    }
  };
  for (const set of selectionSets) visit(set, parentType);
  return [...fields.values()];
}

function applies(typeCondition: CompositeType, typename: string | undefined, parent: CompositeType): boolean {
  const type: Type | undefined = typename === undefined ? parent : (typeCondition.schema() as Schema).type(typename);
  return type !== undefined && isSubtype(typeCondition, type);
}

export function isLeftOut(element: OperationElement, conditions: Conditions): boolean {
  for (const directive of element.appliedDirectives) {
    if (directive.name !== 'skip' && directive.name !== 'include') continue;
    const condition: unknown = directive.arguments().if;
    const value = condition instanceof Variable ? conditions.get(condition.name) === true : condition === true;
    if (value === (directive.name === 'skip')) return true;
  }
  return false;
}
