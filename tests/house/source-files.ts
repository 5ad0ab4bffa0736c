// Reads the project's sources for the house rules: what each file imports, exports, reads and calls. It judges nothing.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { parseSync } from '@swc/core';
import { type ErrorNumber, findErrorNumbers } from './error-numbers.ts';

const sourceFolders = ['gateway', 'subgraphs', 'platform', 'operations', 'tests', 'bench'];

export interface SourceFile {
  /** From the project's folder, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly lineCount: number;
  readonly isTest: boolean;
  /** Where relative imports lead, as paths from the project's folder; of types, too. */
  readonly imports: readonly string[];
  readonly hasDefaultExport: boolean;
  readonly readsEnvironment: boolean;
  /** Names of functions called when the module is loaded, such as `setInterval` or `app.listen`. */
  readonly callsOnLoad: readonly string[];
  readonly errorNumbers: readonly ErrorNumber[];
}

interface Findings {
  readonly imports: string[];
  readonly callsOnLoad: string[];
  hasDefaultExport: boolean;
  readsEnvironment: boolean;
}

/** A node of swc's syntax tree: what is looked at here, and children of any shape. */
interface SyntaxNode {
  readonly type?: string;
  readonly value?: unknown;
  readonly source?: SyntaxNode | null;
  readonly argument?: SyntaxNode;
  readonly arguments?: readonly { readonly expression: SyntaxNode }[];
  readonly callee?: SyntaxNode;
  readonly left?: SyntaxNode;
  readonly object?: SyntaxNode;
  readonly property?: SyntaxNode;
}

export function readSourceFiles(): SourceFile[] {
  return sourceFolders.flatMap(pathsUnder).map((path) => parseSourceFile(path, readFileSync(path, 'utf8')));
}

function pathsUnder(folder: string): string[] {
  return (
    readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      // What a bench has installed for itself is nobody's source here.
      .filter((path) => !path.includes('node_modules'))
  );
}

export function parseSourceFile(path: string, text: string): SourceFile {
  const findings: Findings = { imports: [], callsOnLoad: [], hasDefaultExport: false, readsEnvironment: false };
  const tree = parseSync(text, { syntax: 'typescript', tsx: path.endsWith('.tsx'), target: 'es2022' });
  visit(tree, findings, true);
  return {
    path,
    text,
    lineCount: text.trimEnd().split('\n').length,
    isTest: /\.test\.tsx?$/.test(path),
    imports: findings.imports
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => normalize(join(dirname(path), specifier))),
    hasDefaultExport: findings.hasDefaultExport,
    readsEnvironment: findings.readsEnvironment,
    callsOnLoad: findings.callsOnLoad,
    errorNumbers: findErrorNumbers(tree),
  };
}

function visit(value: unknown, findings: Findings, onLoad: boolean): void {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) note(value, findings, onLoad);
  if (isSettingOfEnvironment(value)) return;
  const runsOnLoad = onLoad && !isFunction(value);
  for (const child of Object.values(value)) visit(child, findings, runsOnLoad);
}

/** `process.env.NAME = 'value'` tells a library something; it reads nothing. */
function isSettingOfEnvironment({ type, left }: SyntaxNode): boolean {
  return type === 'AssignmentExpression' && nameOf(left).startsWith('process.env.');
}

function isFunction({ type }: SyntaxNode): boolean {
  return type !== undefined && /^(Function|ArrowFunction|ClassMethod|PrivateMethod|Constructor|MethodProp)/.test(type);
}

function note(node: SyntaxNode, findings: Findings, onLoad: boolean): void {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      if (typeof node.source?.value === 'string') findings.imports.push(node.source.value);
      break;
    case 'TsImportType':
      if (typeof node.argument?.value === 'string') findings.imports.push(node.argument.value);
      break;
    case 'ExportDefaultDeclaration':
    case 'ExportDefaultExpression':
      findings.hasDefaultExport = true;
      break;
    case 'MemberExpression':
      if (nameOf(node) === 'process.env') findings.readsEnvironment = true;
      break;
    case 'CallExpression':
      noteCall(node, findings, onLoad);
      break;
  }
}

function noteCall(node: SyntaxNode, findings: Findings, onLoad: boolean): void {
  const target = node.arguments?.[0]?.expression.value;
  if (node.callee?.type === 'Import' && typeof target === 'string') findings.imports.push(target);
  if (onLoad) findings.callsOnLoad.push(nameOf(node.callee));
}

/** `process.env`, `app.listen`, `setInterval`; what has no simple name gives an empty part. */
function nameOf(node: SyntaxNode | undefined): string {
  if (node?.type === 'Identifier') return String(node.value);
  if (node?.type === 'MemberExpression') return `${nameOf(node.object)}.${nameOf(node.property)}`;
  return '';
}
