// Builds every subgraph's shield from its permission map, and owns the default: deny. Decides operations and
// sensitive fields; which rows a viewer sees is the business of the entities' `visible` rules.
import type { GraphQLSchema } from 'graphql';
import { applyMiddleware } from 'graphql-middleware';
import type { IMiddlewareTypeMap } from 'graphql-middleware/types';
import { shield, rule as shieldRule } from 'graphql-shield';
import { AppError, invariant } from '../errors.ts';
import type { Caller } from '../identity/identity.ts';

/** What a rule asks for, in words: goes into docs/permissions.md and test output. */
export interface RuleWords {
  /** The permissions or other conditions that allow it, for example `UPDATE_USER`. */
  readonly description: string;
  /** What allows it without them, for example `for yourself`. */
  readonly otherwise?: string;
}

/** Throws an AppError to refuse. */
export interface AccessRule extends RuleWords {
  check(caller: Caller): void;
}

/** Root fields, and fields of other types that are more sensitive than their entity. Every root field must stand here. */
export type PermissionMap = Readonly<Record<string, Readonly<Record<string, AccessRule>>>>;

/** What federation itself asks for. Only callers with a signature get this far, and references obey `visible`. */
const federationFields = new Set(['Query._service', 'Query._entities']);

/** The schema with its rules in front of the resolvers. Throws when a root field has no rule, or a rule no field. */
export function applyShield(schema: GraphQLSchema, permissions: PermissionMap): GraphQLSchema {
  requireRules(schema, permissions);
  const tree = Object.fromEntries(
    Object.entries(permissions).map(([type, fields]) => [
      type,
      Object.fromEntries(Object.entries(fields).map(([field, access]) => [field, guard(access)])),
    ]),
  );
  const everyField = shield(tree, { allowExternalErrors: true, fallbackError: new AppError('FORBIDDEN') }).generate(
    schema,
  ) as Record<string, Record<string, unknown>>;
  // shield wraps fields without a rule, too, in a promise each; only those with a rule need it.
  const guarded: Record<string, Record<string, unknown>> = {};
  for (const [type, fields] of Object.entries(permissions)) {
    // A subscription is decided on where its events are (execute-events.ts): it has no resolver to wrap.
    if (type === 'Subscription') continue;
    const wrapped = everyField[type] ?? {};
    guarded[type] = Object.fromEntries(Object.keys(fields).map((field) => [field, wrapped[field]]));
  }
  return applyMiddleware(schema, guarded as IMiddlewareTypeMap);
}

function guard(access: AccessRule): ReturnType<ReturnType<typeof shieldRule>> {
  return shieldRule({ cache: 'no_cache' })((_parent, _args, context: { readonly caller: Caller }) => {
    try {
      access.check(context.caller);
      return true;
    } catch (refusal) {
      return refusal as Error;
    }
  });
}

function requireRules(schema: GraphQLSchema, permissions: PermissionMap): void {
  for (const root of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    for (const field of Object.keys(root?.getFields() ?? {})) {
      const name = `${root?.name}.${field}`;
      invariant(
        federationFields.has(name) || permissions[root?.name ?? '']?.[field] !== undefined,
        `${name} has no rule in permissions.ts: a root field without a rule does not start`,
      );
    }
  }
  for (const [type, fields] of Object.entries(permissions)) {
    const found = schema.getType(type);
    invariant(found !== undefined && 'getFields' in found, `permissions.ts has rules for ${type}, which is no type`);
    for (const field of Object.keys(fields)) {
      invariant(field in found.getFields(), `permissions.ts has a rule for ${type}.${field}, which is no field`);
    }
  }
}
