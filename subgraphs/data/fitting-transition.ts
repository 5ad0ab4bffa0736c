// Checks that a creation transition fits the properties of its schema: its actions write only what is declared, so
// that no document comes to hold anything else.
import { invalidInput } from '../../platform/errors.ts';
import type { CompileConfiguration, Fault } from './compile-configuration.ts';
import type { Action, Condition, CreationTransition } from './creation-transition-shape.ts';
import { splitPath } from './data-path.ts';
import type { Properties, TypeConfiguration } from './type-configuration.ts';
import { findConfiguration } from './type-configuration.ts';

export interface Surroundings {
  readonly properties: Properties;
  readonly compile: CompileConfiguration;
}

/** Throws BAD_USER_INPUT naming the path below `field` where the transition and the properties disagree. */
export function requireFittingTransition(
  { conditions = [], actions = [] }: CreationTransition,
  surroundings: Surroundings,
  field: string,
): void {
  conditions.forEach((condition, index) => {
    requireFittingCondition(condition, surroundings, `${field}.conditions.${index}`);
  });
  actions.forEach((action, index) => {
    requireFittingAction(action, surroundings, `${field}.actions.${index}`);
  });
}

function requireFittingCondition(condition: Condition, { properties }: Surroundings, field: string): void {
  if (condition.type === 'initiatorHasRelationToGroupInData') {
    requireText(condition.groupIdField, properties, `${field}.groupIdField`);
  }
}

function requireFittingAction(action: Action, { properties, compile }: Surroundings, field: string): void {
  const declared = (path: string, at: string) => requireDeclared(path, properties, `${field}.${at}`);
  switch (action.type) {
    case 'set':
      refuse(compile(declared(action.field, 'field'), 'closed')(action.value), `${field}.value`);
      break;
    case 'unset':
      for (const [index, path] of action.fields.entries()) declared(path, `fields.${index}`);
      break;
    case 'addItems':
    case 'removeItems': {
      const list = declared(action.field, 'field');
      if (list.type !== 'array') throw invalidInput(`${field}.field`, 'is not declared as an array.');
      if (action.type === 'removeItems') break;
      const check = compile(list.items, 'closed');
      for (const [index, value] of action.values.entries()) refuse(check(value), `${field}.values.${index}`);
      break;
    }
    case 'linkUserFromData':
      requireText(action.userIdField, properties, `${field}.userIdField`);
      break;
    case 'linkGroupFromData':
      requireText(action.groupIdField, properties, `${field}.groupIdField`);
      break;
    case 'linkCreator':
    case 'linkEnlistedGroups':
      break;
  }
}

function requireText(path: string, properties: Properties, field: string): void {
  if (requireDeclared(path, properties, field).type !== 'string')
    throw invalidInput(field, 'is not declared as a string.');
}

/** Paths of actions lead through objects only, as their names are no numbers: an item of a list has no place that stays. */
function requireDeclared(path: string, properties: Properties, field: string): TypeConfiguration {
  const found = findConfiguration({ type: 'object', properties }, splitPath(path));
  if (found === undefined) throw invalidInput(field, `the properties declare no ${path}.`);
  return found.configuration;
}

function refuse(fault: Fault | undefined, field: string): void {
  if (fault !== undefined) throw invalidInput([field, ...fault.path].join('.'), fault.message);
}
