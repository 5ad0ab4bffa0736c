// The supergraph that is checked in, for a gateway in front of the very contracts that it is composed of: composing them
// again would take a second of every start, and memory that is not given back.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../platform/project-folder.ts';
import type { Contract } from './compose.ts';

/** Undefined when the contracts are others, for example fewer. */
export function findReadySupergraph(contracts: readonly Contract[]): string | undefined {
  const supergraphSdl = readFileSync(join(projectFolder(), 'schema', 'supergraph.graphql'), 'utf8');
  return supergraphSdl.startsWith(supergraphHeading(contracts)) ? supergraphSdl : undefined;
}

/** The comment that opens the file: it names the contracts by what they say, in whatever order they come. */
export function supergraphHeading(contracts: readonly Contract[]): string {
  const hash = createHash('sha256');
  for (const { name, sdl } of contracts.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    hash.update(JSON.stringify([name, sdl]));
  }
  return `# Composed by \`npm run compose\` of contracts with the SHA-256 ${hash.digest('hex')}\n`;
}
