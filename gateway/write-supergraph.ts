// `npm run compose`: writes schema/supergraph.graphql and schema/api.graphql from the contracts of all services.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serviceNames } from '../platform/config.ts';
import { projectFolder } from '../platform/project-folder.ts';
import { printContract } from '../platform/subgraph/print-contract.ts';
import { compose } from './compose.ts';
import { supergraphHeading } from './ready-supergraph.ts';

const contracts = serviceNames.map((name) => ({ name, sdl: printContract(name) }));
const { supergraphSdl, apiSdl } = compose(contracts);
const supergraph = `${supergraphHeading(contracts)}${supergraphSdl.trimEnd()}\n`;
writeFileSync(join(projectFolder(), 'schema', 'supergraph.graphql'), supergraph);
writeFileSync(join(projectFolder(), 'schema', 'api.graphql'), `${apiSdl.trimEnd()}\n`);
