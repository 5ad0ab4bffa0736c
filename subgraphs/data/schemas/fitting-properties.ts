// Checks that what conforms to the properties of a schema still conforms in the form in which it is stored.
import { definitionFault } from './definition-faults.ts';
import type { Properties, TypeConfiguration } from './type-configuration.ts';

/** What looks at the letters of a text, which a moment changes when it is stored. */
const textKeywords = ['minLength', 'maxLength', 'pattern', 'enum', 'const'] as const;

/** Throws BAD_USER_INPUT naming the path below `field` where a moment is to keep the letters it was sent in. */
export function requireFittingProperties(properties: Properties, field: string): void {
  for (const [name, configuration] of Object.entries(properties)) requireFitting(configuration, `${field}.${name}`);
}

function requireFitting(configuration: TypeConfiguration, field: string): void {
  switch (configuration.type) {
    case 'object':
      requireFittingProperties(configuration.properties ?? {}, `${field}.properties`);
      if (configuration.additionalProperties) {
        requireFitting(configuration.additionalProperties, `${field}.additionalProperties`);
      }
      break;
    case 'array':
      requireFitting(configuration.items, `${field}.items`);
      if (configuration.contains) requireFitting(configuration.contains, `${field}.contains`);
      break;
    case 'string': {
      const keyword = configuration.format && textKeywords.find((name) => configuration[name] !== undefined);
      if (keyword === undefined) break;
      throw definitionFault(`${field}.${keyword}`, 'does not go with `date-time`: moments are stored in UTC.');
    }
    default:
      break;
  }
}
