// Makes what is derived from sources before TypeScript runs: the Prisma client and the resolver types of every
// contract. `--if-stale` does nothing when no source changed since the last time.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as addPlugin from '@graphql-codegen/add';
import { codegen } from '@graphql-codegen/core';
import * as typesPlugin from '@graphql-codegen/typescript';
import * as resolversPlugin from '@graphql-codegen/typescript-resolvers';
import { parse } from 'graphql';

const services = readdirSync('schema')
  .filter((file) => existsSync(`subgraphs/${file.replace('.graphql', '')}`) && file.endsWith('.graphql'))
  .map((file) => file.replace('.graphql', ''));

const stampFile = 'generated/.stamp';
const stamp = () => {
  const hash = createHash('sha256');
  for (const folder of ['prisma/schema', 'schema', 'scripts']) {
    for (const file of readdirSync(folder).sort()) hash.update(file).update(readFileSync(`${folder}/${file}`));
  }
  for (const name of services) {
    if (existsSync(`subgraphs/${name}/models.ts`)) hash.update(readFileSync(`subgraphs/${name}/models.ts`));
  }
  return hash.update(readFileSync('package-lock.json')).digest('hex');
};

if (process.argv.includes('--if-stale') && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp()) {
  process.exit(0);
}

// prisma generate looks for an engine that it does not run; any existing file will do.
execFileSync(process.execPath, ['node_modules/prisma/build/index.js', 'generate'], {
  env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: '1' },
  stdio: ['ignore', 'ignore', 'inherit'],
});

const scalars = {
  ID: { input: 'string', output: 'string' },
  DateTime: { input: 'Date', output: 'Date | string' },
  JSON: { input: 'unknown', output: 'unknown' },
  Position: { input: 'bigint', output: 'bigint | string' },
  _FieldSet: { input: 'string', output: 'string' },
  FileSize: { input: 'number', output: 'number | bigint' },
};

// What resolvers of a type get as their parent: `export type UserModel` in subgraphs/users/models.ts is User's.
function mappers(name) {
  const file = `subgraphs/${name}/models.ts`;
  if (!existsSync(file)) return {};
  const found = readFileSync(file, 'utf8').matchAll(/^export (?:type|interface) (\w+)Model\b/gm);
  return Object.fromEntries([...found].map(([, type]) => [type, `../../subgraphs/${name}/models.ts#${type}Model`]));
}

mkdirSync('generated/resolvers', { recursive: true });
const shared = readFileSync('schema/shared.graphql', 'utf8');
for (const name of services) {
  const typeDefs = parse(`${shared}\n${readFileSync(`schema/${name}.graphql`, 'utf8')}`);
  const output = await codegen({
    filename: `generated/resolvers/${name}.ts`,
    schema: typeDefs,
    documents: [],
    config: {
      federation: true,
      useTypeImports: true,
      enumsAsTypes: true,
      strictScalars: true,
      // What has a default is always there when a resolver sees it.
      avoidOptionals: { defaultValue: true },
      scalars,
      contextType: '../../platform/subgraph/context.ts#Context',
      mappers: mappers(name),
    },
    plugins: [
      { add: { content: '// Generated from the contract; do not edit.' } },
      { typescript: {} },
      { resolvers: {} },
    ],
    pluginMap: { add: addPlugin, typescript: typesPlugin, resolvers: resolversPlugin },
  });
  writeFileSync(`generated/resolvers/${name}.ts`, output);
}
writeFileSync(stampFile, stamp());
