// Checks that a transition fits the properties and statuses of its schema: its actions write only what is declared, so
// that no document comes to hold anything else.
import { splitPath } from '../json/data-path.ts';
import type { CompileConfiguration, Fault } from './compile-configuration.ts';
import { definitionFault } from './definition-faults.ts';
import type { Action, Condition, CreationTransition, GivenTransition } from './transition-shape.ts';
import type { Properties, TypeConfiguration } from './type-configuration.ts';
import { findConfiguration } from './type-configuration.ts';

export interface Surroundings {
  readonly properties: Properties;
  readonly statuses: Readonly<Record<string, unknown>>;
  readonly compile: CompileConfiguration;
}

/** Throws BAD_USER_INPUT naming the path below `field` where the transition and its schema disagree. */
export function requireFittingTransition(
  transition: CreationTransition | GivenTransition,
  surroundings: Surroundings,
  field: string,
): void {
  const { conditions = [], actions = [] } = transition;
  if ('fromStatuses' in transition) {
    transition.fromStatuses.forEach((status, index) => {
      requireStatus(status, surroundings, `${field}.fromStatuses.${index}`);
    });
  }
  requireStatus(transition.toStatus, surroundings, `${field}.toStatus`);
  conditions.forEach((condition: Condition, index) => {
    requireFittingCondition(condition, surroundings, `${field}.conditions.${index}`);
  });
  actions.forEach((action, index) => {
    requireFittingAction(action, surroundings, `${field}.actions.${index}`);
  });
}

function requireStatus(status: string, { statuses }: Surroundings, field: string): void {
  if (!Object.hasOwn(statuses, status)) throw definitionFault(field, 'is not one of the statuses.');
}

function requireFittingCondition(condition: Condition, { properties }: Surroundings, field: string): void {
  if (condition.type === 'initiatorHasRelationToUserInData') {
    requireText(condition.userIdField, properties, `${field}.userIdField`);
  }
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
      if (list.type !== 'array') throw definitionFault(`${field}.field`, 'is not declared as an array.');
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
    case 'task':
    case 'delay':
    case 'measurementReviewedNotification':
      break;
  }
}

function requireText(path: string, properties: Properties, field: string): void {
  if (requireDeclared(path, properties, field).type !== 'string')
    throw definitionFault(field, 'is not declared as a string.');
}

/** Paths of actions lead through objects only, as their names are no numbers: an item of a list has no place that stays. */
function requireDeclared(path: string, properties: Properties, field: string): TypeConfiguration {
  const found = findConfiguration({ type: 'object', properties }, splitPath(path));
  if (found === undefined) throw definitionFault(field, `the properties declare no ${path}.`);
  return found.configuration;
}

function refuse(fault: Fault | undefined, field: string): void {
  if (fault !== undefined) throw definitionFault([field, ...fault.path].join('.'), fault.message);
}
