// Builds what `npm start` and `npm test` run: generated code, dist/ and GraphiQL's bundle; each only when its sources
// changed since the last time. Sources are compared by content, so that a fresh clone or a touched file costs nothing.
//
//   --prepare  for npm's `prepare`: without the development dependencies (npm ci --omit=dev) it builds nothing.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

const codeSources = [
  'gateway',
  'subgraphs',
  'platform',
  'operations',
  'bench',
  'tests/faults',
  'prisma/schema',
  'schema',
  'scripts',
];
// The long run of faults is a program; of what tests share it takes the client.
const codeFiles = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'tests/support/graphql-client.ts'];
const graphiqlSources = ['gateway/graphiql/app', 'scripts/bundle-graphiql.mjs', 'package-lock.json'];

/** What the sources hold, as one hash. */
function fingerprint(places, skip = () => false) {
  const hash = createHash('sha256').update(process.version);
  for (const file of places.flatMap(filesUnder).filter((file) => !skip(file))) {
    hash.update(`\n${file}\n`).update(readFileSync(file));
  }
  return hash.digest('hex');
}

function filesUnder(place) {
  if (!existsSync(place)) return [];
  if (/\.\w+$/.test(place)) return [place];
  return readdirSync(place, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

/** Runs `make` unless the stamp says that `output` was made of the same sources. */
async function whenStale({ stamp, fresh, output }, make) {
  const made = existsSync(stamp) && output.every((file) => existsSync(file)) ? readFileSync(stamp, 'utf8') : '';
  if (made === fresh) return;
  await make();
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(stamp, fresh);
}

function run(script, ...args) {
  try {
    execFileSync(process.execPath, [script, ...args], { stdio: 'inherit' });
  } catch {
    console.error(`The build stopped: ${path.relative(root, script)} failed.`);
    process.exit(1);
  }
}

const tools = ['typescript', '@graphql-codegen/core', 'esbuild', 'prisma'];
if (process.argv.includes('--prepare') && tools.some((tool) => !existsSync(`node_modules/${tool}`))) process.exit(0);

const isTestOrApp = (file) => file.endsWith('.test.ts') || file.startsWith('gateway/graphiql/app');
await whenStale(
  {
    stamp: 'dist/.stamp',
    fresh: fingerprint([...codeSources, ...codeFiles], isTestOrApp),
    output: ['dist/gateway/main.js', 'generated/.stamp'],
  },
  () => {
    run('scripts/generate.mjs', '--if-stale');
    // tsc trusts its notes of the last run; without the output that they speak of it would write nothing.
    if (!existsSync('dist/platform/config.js')) rmSync('dist/.tsbuildinfo.build', { force: true });
    run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json');
  },
);

await whenStale(
  { stamp: 'dist/graphiql/.stamp', fresh: fingerprint(graphiqlSources), output: ['dist/graphiql/index.html'] },
  async () => {
    const { bundleGraphiql } = await import('./bundle-graphiql.mjs');
    await bundleGraphiql({ source: 'gateway/graphiql/app', target: 'dist/graphiql' });
  },
);
