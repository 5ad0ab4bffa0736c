// All services there are. Which of them a process runs is its configuration.
import type { ServiceName } from '../platform/config.ts';
import type { SubgraphDefinition } from '../platform/subgraph/define-subgraph.ts';
import { auth } from './auth/index.ts';
import { data } from './data/index.ts';
import { events } from './events/index.ts';
import { files } from './files/index.ts';
import { users } from './users/index.ts';

export const subgraphs: Readonly<Record<ServiceName, SubgraphDefinition>> = { auth, users, data, files, events };
