// Finds what composes but would not do what it says here: features of federation that Apollo's router carries out itself.
// Passed over in silence, a field would be open that its service believes protected, or be asked of the wrong service.
import type { DocumentNode } from 'graphql';
import { Kind, parse, visit } from 'graphql';
import { valuesOf } from './directive-arguments.ts';

/** Name of the feature in the `@link`s of a supergraph → what to say of it. */
const features: Readonly<Record<string, string>> = {
  authenticated: '@authenticated is not enforced here: access is a matter of the services and their shields.',
  requiresScopes: '@requiresScopes is not enforced here: access is a matter of the services and their shields.',
  policy: '@policy is not enforced here: access is a matter of the services and their shields.',
  context: '@context and @fromContext are not supported: hand over what a field needs with @requires.',
  connect: '@source and @connect are not supported: a service answers for its own types.',
  source: '@source and @connect are not supported: a service answers for its own types.',
};

/** One line for each; none when the supergraph can be served. */
export function findUnsupportedFeatures(supergraphSdl: string): string[] {
  const supergraph = parse(supergraphSdl, { noLocation: true });
  return [...linkedFeatures(supergraph), ...labelledOverrides(supergraph)];
}

function linkedFeatures(supergraph: DocumentNode): string[] {
  const found = new Set<string>();
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.SCHEMA_DEFINITION && definition.kind !== Kind.SCHEMA_EXTENSION) continue;
    for (const directive of definition.directives ?? []) {
      const name = /^https:\/\/specs\.apollo\.dev\/(\w+)\/v/.exec(String(valuesOf(directive).url))?.[1] ?? '';
      const fault = Object.hasOwn(features, name) ? features[name] : undefined;
      if (directive.name.value === 'link' && fault !== undefined) found.add(fault);
    }
  }
  return [...found];
}

/** `@override(label: …)`, by which a router lets only a part of the requests go to the new service. */
function labelledOverrides(supergraph: DocumentNode): string[] {
  const faults: string[] = [];
  let type = '';
  visit(supergraph, {
    ObjectTypeDefinition: (node) => {
      type = node.name.value;
    },
    FieldDefinition(field) {
      const label = (field.directives ?? [])
        .filter(({ name }) => name.value === 'join__field')
        .map((directive) => valuesOf(directive).overrideLabel)
        .find((text) => text !== undefined);
      if (label === undefined) return;
      faults.push(
        `${type}.${field.name.value}: @override with the label ${label} is not supported: override it whole.`,
      );
    },
  });
  return faults;
}
