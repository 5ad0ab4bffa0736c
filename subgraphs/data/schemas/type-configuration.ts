// Type configurations: what a property of a document may hold. The five types with their closed sets of keywords.
import type { DataPath } from '../json/data-path.ts';
import { isListIndex } from '../json/data-path.ts';

interface Common {
  /** False: stored and returned, but of no use in filters and orders. */
  readonly queryable?: boolean | undefined;
}

export interface ObjectConfiguration extends Common {
  readonly type: 'object';
  readonly properties?: Properties | undefined;
  /** What properties that are not declared must be; without it there may be none. */
  readonly additionalProperties?: TypeConfiguration | undefined;
  readonly required?: readonly string[] | undefined;
}

export interface ArrayConfiguration extends Common {
  readonly type: 'array';
  readonly items: TypeConfiguration;
  readonly minItems?: number | undefined;
  readonly maxItems?: number | undefined;
  /** At least one item is of this kind. */
  readonly contains?: TypeConfiguration | undefined;
}

export interface StringConfiguration extends Common {
  readonly type: 'string';
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly pattern?: string | undefined;
  readonly enum?: readonly string[] | undefined;
  readonly const?: string | undefined;
  readonly format?: 'date-time' | undefined;
}

export interface NumberConfiguration extends Common {
  readonly type: 'number';
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly enum?: readonly number[] | undefined;
  readonly const?: number | undefined;
}

export interface BooleanConfiguration extends Common {
  readonly type: 'boolean';
  readonly enum?: readonly boolean[] | undefined;
  readonly const?: boolean | undefined;
}

export type TypeConfiguration =
  | ObjectConfiguration
  | ArrayConfiguration
  | StringConfiguration
  | NumberConfiguration
  | BooleanConfiguration;

export type Properties = { readonly [name: string]: TypeConfiguration };

/** What the server gives every object inside a list. */
const elementId: StringConfiguration = { type: 'string' };

/** What stands inside a list, with the `id` that objects there have. */
export function itemsOf(list: ArrayConfiguration): TypeConfiguration {
  if (list.items.type !== 'object') return list.items;
  return { ...list.items, properties: { ...list.items.properties, id: elementId } };
}

export interface FoundConfiguration {
  readonly configuration: TypeConfiguration;
  /** False when it, or what it stands in, is not to be queried. */
  readonly queryable: boolean;
}

/** What is declared at a path, counted from `root`; undefined when nothing is. */
export function findConfiguration(root: TypeConfiguration, path: DataPath): FoundConfiguration | undefined {
  let configuration: TypeConfiguration | undefined = root;
  let queryable = root.queryable !== false;
  for (const segment of path) {
    configuration = step(configuration, segment);
    if (configuration === undefined) return undefined;
    queryable &&= configuration.queryable !== false;
  }
  return { configuration, queryable };
}

function step(configuration: TypeConfiguration, segment: string): TypeConfiguration | undefined {
  if (configuration.type === 'array') return isListIndex(segment) ? itemsOf(configuration) : undefined;
  if (configuration.type !== 'object') return undefined;
  const { properties, additionalProperties } = configuration;
  return properties !== undefined && Object.hasOwn(properties, segment) ? properties[segment] : additionalProperties;
}
