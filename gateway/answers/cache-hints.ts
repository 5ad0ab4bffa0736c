// What contracts say of how long answers may be kept: `@cacheControl`, with the events that `@onEvents` names on query
// fields (schema/shared.graphql).
import type { ConstDirectiveNode } from 'graphql';
import { Kind, parse } from 'graphql';
import type { Contract } from '../compose.ts';
import { argumentsOf } from '../directive-arguments.ts';

export interface CacheHint {
  /** Seconds. */
  readonly maxAge: number | undefined;
  readonly isPrivate: boolean | undefined;
  readonly inheritMaxAge: boolean;
}

export interface CacheHints {
  ofType(type: string): CacheHint | undefined;
  ofField(type: string, field: string): CacheHint | undefined;
  /** The events after which another answer of the field is to be expected; undefined: all of its service. */
  topicsOf(type: string, field: string): readonly string[] | undefined;
  /** The services that have the field. */
  servicesOf(type: string, field: string): readonly string[];
}

export function readCacheHints(contracts: readonly Contract[]): CacheHints {
  const hints = new Map<string, CacheHint>();
  const topics = new Map<string, readonly string[]>();
  const services = new Map<string, string[]>();
  const note = (name: string, directives: readonly ConstDirectiveNode[] | undefined) => {
    const hint = hintOf(directives);
    if (hint !== undefined) hints.set(name, stricter(hints.get(name), hint));
  };
  const definitions = contracts.flatMap(({ name, sdl }) =>
    parse(sdl, { noLocation: true }).definitions.map((definition) => ({ service: name, definition })),
  );
  for (const { service, definition } of definitions) {
    switch (definition.kind) {
      case Kind.UNION_TYPE_DEFINITION:
      case Kind.UNION_TYPE_EXTENSION:
        note(definition.name.value, definition.directives);
        break;
      case Kind.OBJECT_TYPE_DEFINITION:
      case Kind.OBJECT_TYPE_EXTENSION:
      case Kind.INTERFACE_TYPE_DEFINITION:
      case Kind.INTERFACE_TYPE_EXTENSION:
        note(definition.name.value, definition.directives);
        for (const { name, directives } of definition.fields ?? []) {
          const path = `${definition.name.value}.${name.value}`;
          note(path, directives);
          services.set(path, [...(services.get(path) ?? []), service]);
          const types = argumentsOf(directives, 'onEvents')?.types;
          if (Array.isArray(types) && !types.includes('*')) topics.set(path, types.map(String));
        }
    }
  }
  return {
    ofType: (type) => hints.get(type),
    ofField: (type, field) => hints.get(`${type}.${field}`),
    topicsOf: (type, field) => topics.get(`${type}.${field}`),
    servicesOf: (type, field) => services.get(`${type}.${field}`) ?? [],
  };
}

/** Where several services say something of the same, all of it holds. */
function stricter(one: CacheHint | undefined, other: CacheHint): CacheHint {
  if (one === undefined) return other;
  const ages = [one.maxAge, other.maxAge].filter((age) => age !== undefined);
  return {
    maxAge: ages.length === 0 ? undefined : Math.min(...ages),
    isPrivate: one.isPrivate === true || other.isPrivate === true ? true : (one.isPrivate ?? other.isPrivate),
    inheritMaxAge: one.inheritMaxAge && other.inheritMaxAge,
  };
}

function hintOf(directives: readonly ConstDirectiveNode[] | undefined): CacheHint | undefined {
  const given = argumentsOf(directives, 'cacheControl');
  if (given === undefined) return undefined;
  const { maxAge, scope, inheritMaxAge } = given;
  return {
    maxAge: typeof maxAge === 'number' ? Math.max(0, maxAge) : undefined,
    isPrivate: scope === 'PRIVATE' ? true : scope === 'PUBLIC' ? false : undefined,
    inheritMaxAge: inheritMaxAge === true,
  };
}
