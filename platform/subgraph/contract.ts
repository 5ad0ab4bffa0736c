// Reads contracts: schema/<name>.graphql behind what all contracts share.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DocumentNode } from 'graphql';
import { Kind, parse } from 'graphql';
import { projectFolder } from '../project-folder.ts';

export function readContract(name: string): DocumentNode {
  const read = (file: string) => readFileSync(join(projectFolder(), 'schema', `${file}.graphql`), 'utf8');
  return parse(`${read('shared')}\n${read(name)}`);
}

/** The event types that each subscription field of a contract declares with `@onEvents`; `*` stands for all. */
export function subscriptionTopics(contract: DocumentNode): ReadonlyMap<string, readonly string[]> {
  const topics = new Map<string, readonly string[]>();
  for (const definition of contract.definitions) {
    const isType = definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.OBJECT_TYPE_EXTENSION;
    if (!isType || definition.name.value !== 'Subscription') continue;
    for (const field of definition.fields ?? []) {
      const argument = field.directives?.find(({ name }) => name.value === 'onEvents')?.arguments?.[0]?.value;
      if (argument?.kind !== Kind.LIST) continue;
      topics.set(
        field.name.value,
        argument.values.flatMap((value) => (value.kind === Kind.STRING ? [value.value] : [])),
      );
    }
  }
  return topics;
}

/** Names what a contract says: another text has another. As an entity tag it saves reading what is known. */
export function contractTag(sdl: string): string {
  return `"${createHash('sha256').update(sdl).digest('base64url')}"`;
}
