// Hive Gateway's runtime on Node's own HTTP server, as its documentation shows it.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { tellUsage } from './usage.mjs';

const runtime = createGatewayRuntime({ supergraph: readFileSync(process.argv[2], 'utf8'), logging: false });
const server = createServer(runtime);
server.listen(0, '127.0.0.1', () => tellUsage(server.address().port));
