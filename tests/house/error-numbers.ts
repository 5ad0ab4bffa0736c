// Finds the reference's numbers in a syntax tree: what stands as `code` in the details of an error. It judges nothing.

export interface ErrorNumber {
  readonly number: number;
  /** The code of the error that it is given to, where that stands in the same expression. */
  readonly code: string | undefined;
}

/** A node of swc's syntax tree, as far as it is looked at here. */
interface SyntaxNode {
  readonly type?: string;
  readonly value?: unknown;
  readonly callee?: SyntaxNode;
  readonly arguments?: readonly { readonly expression: SyntaxNode }[];
  readonly key?: SyntaxNode;
  readonly consequent?: SyntaxNode;
  readonly alternate?: SyntaxNode;
}

/** Properties that hold one: `code`, and in tables of numbers `limitCode` and the like. */
const keyShape = /^code$|(?<!status|exit)Code$/;

export function findErrorNumbers(tree: unknown, code?: string): ErrorNumber[] {
  if (typeof tree !== 'object' || tree === null) return [];
  const node = Array.isArray(tree) ? {} : (tree as SyntaxNode);
  const inside = codeOf(node) ?? code;
  const here = numbersAt(node).map((number) => ({ number, code: inside }));
  return [...here, ...Object.values(tree).flatMap((child) => findErrorNumbers(child, inside))];
}

function codeOf({ type, callee, arguments: given }: SyntaxNode): string | undefined {
  if (type === 'CallExpression' && callee?.value === 'invalidInput') return 'BAD_USER_INPUT';
  if (type !== 'NewExpression' || callee?.value !== 'AppError') return undefined;
  const first = given?.[0]?.expression;
  return first?.type === 'StringLiteral' ? String(first.value) : undefined;
}

/** Several errors of a file are made by its function `refusal`, which takes the number as an argument. */
function numbersAt({ type, callee, arguments: given, key, value }: SyntaxNode): number[] {
  if (type === 'CallExpression' && callee?.value === 'refusal') {
    return (given ?? []).flatMap(({ expression }) => numbersIn(expression));
  }
  if (type !== 'KeyValueProperty' || !keyShape.test(String(key?.value))) return [];
  return numbersIn(value as SyntaxNode);
}

function numbersIn(node: SyntaxNode | undefined): number[] {
  if (node?.type === 'NumericLiteral') return [Number(node.value)];
  if (node?.type !== 'ConditionalExpression') return [];
  return [...numbersIn(node.consequent), ...numbersIn(node.alternate)];
}
