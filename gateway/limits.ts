// Limits on operations, checked before any work is done on them. Nesting is first counted on the bare text, for
// parsing a document 10,000 levels deep would already be too much.
import type { ASTVisitor, DocumentNode, FragmentDefinitionNode, SelectionSetNode, ValidationContext } from 'graphql';
import { GraphQLError, Kind } from 'graphql';
import { AppError } from '../platform/errors.ts';

/** Above this the text cannot be a valid operation of any permitted depth (arguments nest too). */
const deepestText = 200;
export const mostTokens = 15_000;
const longestText = 1_000_000;
const deepestVariables = 100;

/** Refuses a document by its text: OPERATION_TOO_LARGE. */
export function checkOperationText(query: unknown): void {
  if (typeof query !== 'string') return;
  if (query.length > longestText)
    throw new AppError('OPERATION_TOO_LARGE', `query: at most ${longestText} characters.`);
  if (nesting(query) > deepestText) {
    throw new AppError('OPERATION_TOO_LARGE', `query: it is nested deeper than ${deepestText} levels.`);
  }
}

/** Refuses variables that are nested so deep that handing them on would break: OPERATION_TOO_LARGE. */
export function checkVariables(variables: unknown): void {
  let level: unknown[] = [variables];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepestVariables) {
      throw new AppError('OPERATION_TOO_LARGE', `variables: they are nested deeper than ${deepestVariables} levels.`);
    }
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
  }
}

function nesting(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text[at]) {
      case '{':
      case '[':
      case '(':
        depth += 1;
        if (depth > deepest) deepest = depth;
        break;
      case '}':
      case ']':
      case ')':
        depth -= 1;
        break;
      case '"':
        at = endOfString(text, at);
        break;
      case '#':
        while (at + 1 < text.length && text[at + 1] !== '\n' && text[at + 1] !== '\r') at += 1;
        break;
      default:
    }
  }
  return deepest;
}

/** The index of the quote that closes the string or block string opened at `start`. */
function endOfString(text: string, start: number): number {
  const block = text.startsWith('"""', start);
  for (let at = start + (block ? 3 : 1); at < text.length; at += 1) {
    if (text[at] === '\\') at += block && text.startsWith('\\"""', at) ? 3 : 1;
    else if (block ? text.startsWith('"""', at) : text[at] === '"' || text[at] === '\n') return block ? at + 2 : at;
  }
  return text.length;
}

/** A validation rule: no field of an operation lies deeper than `most`, fragments counted where they are used. */
export function depthLimit(most: number): (context: ValidationContext) => ASTVisitor {
  return (context) => ({
    OperationDefinition(operation) {
      const depth = measureDepth(operation.selectionSet, fragmentsOf(context.getDocument()), most);
      if (depth <= most) return;
      context.reportError(
        new GraphQLError(`The operation is nested deeper than ${most} levels.`, {
          nodes: operation,
          originalError: new AppError('OPERATION_TOO_LARGE', `The operation is nested deeper than ${most} levels.`, {
            field: 'query',
            most,
          }),
        }),
      );
    },
  });
}

function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );
}

/** Stops counting just above `most`. Fragments that use each other in a circle are another rule's business. */
function measureDepth(
  root: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  most: number,
): number {
  const measured = new Map<string, number>();
  const open = new Set<string>();
  const below = (set: SelectionSetNode, level: number): number => {
    if (level > most) return 0;
    let deepest = 0;
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const inner = selection.selectionSet === undefined ? 0 : below(selection.selectionSet, level + 1);
        deepest = Math.max(deepest, 1 + inner);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        deepest = Math.max(deepest, below(selection.selectionSet, level));
      } else {
        deepest = Math.max(deepest, ofFragment(selection.name.value));
      }
    }
    return deepest;
  };
  const ofFragment = (name: string): number => {
    const known = measured.get(name);
    const fragment = fragments.get(name);
    if (known !== undefined) return known;
    if (fragment === undefined || open.has(name)) return 0;
    open.add(name);
    const depth = below(fragment.selectionSet, 0);
    open.delete(name);
    measured.set(name, depth);
    return depth;
  };
  return below(root, 0);
}
