// A contract in federation's form, as this version of the program has it, without building the service behind it.
import { buildSubgraphSchema, printSubgraphSchema } from '@apollo/subgraph';
import { readContract } from './contract.ts';

/** With its custom directives: what `_service { sdl }` answers. */
export function printContract(name: string): string {
  return printSubgraphSchema(buildSubgraphSchema(readContract(name)));
}
