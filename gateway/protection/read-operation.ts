// From a request to an operation that may be run: its text is found, measured, parsed and validated, in this order, and
// nothing is worked on that is larger than allowed. The same for every transport.
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import {
  GraphQLError,
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
  visit,
} from 'graphql';
import { BoundedCache } from '../../platform/bounded-cache.ts';
import { AppError, invariant } from '../../platform/errors.ts';
import type { OperationLimits } from '../../platform/protection-config.ts';
import { checkOperationText, checkVariables } from '../limits.ts';
import { checkDocumentSize, tooLarge } from './measure-operation.ts';
import type { OperationRequest } from './operation-request.ts';
import type { FindText } from './stored-documents.ts';

export interface ReadOperation {
  readonly query: string;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly schema: GraphQLSchema;
}

/** What GraphQL itself finds wrong with a document, with its codes. */
export class InvalidOperation extends Error {
  override readonly name = 'InvalidOperation';
  readonly errors: readonly GraphQLError[];

  constructor(errors: readonly GraphQLError[]) {
    super(errors[0]?.message);
    this.errors = errors;
  }
}

export interface OperationReaderOptions {
  readonly findText: FindText;
  readonly schema: () => GraphQLSchema;
  readonly limits: OperationLimits;
  /** Whether clients may read the schema. Suggestions spell it out, too, to whoever guesses. */
  readonly introspection: boolean;
}

/** Rejects with an InvalidOperation, or with an AppError for what is refused before GraphQL is asked. */
export type ReadOperationRequest = (request: OperationRequest) => Promise<ReadOperation>;

const keptDocuments = 1_000;
/** Characters of what is kept: whoever sends very large operations has them parsed each time. */
const longestKept = 50_000;
/** Of one document: enough to work with, and no list of everything that was tried. */
const mostFaults = 10;

export function createOperationReader(options: OperationReaderOptions): ReadOperationRequest {
  const rules = [...specifiedRules, ...(options.introspection ? [] : [NoSchemaIntrospectionCustomRule])];
  const documents = new WeakMap<GraphQLSchema, BoundedCache<string, DocumentNode>>();

  function readDocument(text: string, schema: GraphQLSchema): DocumentNode {
    const kept = documents.get(schema) ?? new BoundedCache(keptDocuments);
    documents.set(schema, kept);
    const known = kept.get(text);
    if (known !== undefined) return known;
    checkOperationText(text);
    const document = parseText(text, options.limits.tokens);
    checkDocumentSize(document, options.limits);
    refuseIncremental(document);
    const faults = validate(schema, document, rules, { maxErrors: mostFaults });
    if (faults.length > 0) throw new InvalidOperation(faults.map((fault) => shown(fault, options.introspection)));
    if (text.length <= longestKept) kept.set(text, document);
    return document;
  }

  return async (request) => {
    checkVariables(request.variables);
    const wanted = await options.findText(request);
    const schema = options.schema();
    const document = readDocument(wanted.text, schema);
    const operationName = request.operationName ?? undefined;
    const operation = getOperationAST(document, operationName);
    if (!operation) throw unresolved(operationName);
    wanted.keep();
    return { query: wanted.text, document, operation, operationName, variables: request.variables ?? {}, schema };
  };
}

/** Of a text of our own, valid and with one operation. */
export function readKnownOperation(
  query: string,
  variables: ReadOperation['variables'],
  schema: GraphQLSchema,
): ReadOperation {
  const document = parse(query);
  const operation = getOperationAST(document);
  invariant(operation !== null && operation !== undefined, 'a known text has one operation');
  return { query, document, operation, operationName: undefined, variables, schema };
}

function unresolved(operationName: string | undefined): InvalidOperation {
  const message =
    operationName === undefined
      ? 'operationName: the document holds several operations, and one of them must be named.'
      : 'operationName: there is no such operation in the document.';
  return new InvalidOperation([new GraphQLError(message, { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } })]);
}

function parseText(text: string, mostTokens: number): DocumentNode {
  try {
    return parse(text, { maxTokens: mostTokens });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    if (/Document contains more tha/.test(error.message)) {
      throw tooLarge('tokens', { most: mostTokens }, 'tokens');
    }
    throw new InvalidOperation([withCode(error, error.message, 'GRAPHQL_PARSE_FAILED')]);
  }
}

/** Answers come whole here. Validation would only say that it does not know the directive. */
function refuseIncremental(document: DocumentNode): void {
  visit(document, {
    Directive({ name: { value } }) {
      if (value !== 'defer' && value !== 'stream') return;
      throw new AppError('BAD_REQUEST', `@${value}: answers are not delivered in parts here. Ask without it.`, {
        field: 'query',
      });
    },
  });
}

function shown(fault: GraphQLError, suggestions: boolean): GraphQLError {
  const message = suggestions ? fault.message : fault.message.replace(/ ?Did you mean [\s\S]*$/, '');
  return withCode(fault, message, 'GRAPHQL_VALIDATION_FAILED');
}

function withCode(error: GraphQLError, message: string, code: string): GraphQLError {
  const { nodes, source, positions, path } = error;
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    path: path ?? null,
    extensions: { code },
  });
}
