// Writes a new migration from the difference between prisma/migrations and prisma/schema: `npm run migrate -- <name>`.
// Needs no server: the migrations so far are replayed on an embedded database in memory. Applies nothing anywhere; that
// happens at start-up (platform/database/apply-migrations.ts).
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as engineBindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import { PrismaPGlite } from 'pglite-prisma-adapter';

const schemaFolder = 'prisma/schema';
const migrationsFolder = 'prisma/migrations';

const name = process.argv[2];
const check = name === '--check';
if (!check && !/^[a-z][a-z0-9_]*$/.test(name ?? '')) {
  console.error('Give the migration a name in snake_case: npm run migrate -- add_tags. (--check only compares.)');
  process.exit(2);
}

const schemaFiles = readdirSync(schemaFolder)
  .filter((file) => file.endsWith('.prisma'))
  .map((file) => ({ path: join(schemaFolder, file), content: readFileSync(join(schemaFolder, file), 'utf8') }));

const { engine, close } = await startEngine();
const { stdout } = await engine.diff({
  from: { tag: 'migrations', ...migrationList() },
  to: { tag: 'schemaDatamodel', files: schemaFiles },
  script: true,
  exitCode: null,
  filters: { externalTables: [], externalEnums: [] },
});
await close();

if (stdout.trim() === '' || stdout.includes('This is an empty migration.')) {
  console.log('The migrations agree with the schema: nothing to do.');
} else if (check) {
  console.error(`The migrations lack:\n${stdout}`);
  process.exitCode = 1;
} else {
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const folder = join(migrationsFolder, `${stamp}_${name}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'migration.sql'), stdout);
  console.log(`Wrote ${folder}/migration.sql: read it, and add by hand what the schema cannot say.`);
}

function migrationList() {
  const lockfile = join(migrationsFolder, 'migration_lock.toml');
  return {
    baseDir: migrationsFolder,
    lockfile: { path: 'migration_lock.toml', content: existsSync(lockfile) ? readFileSync(lockfile, 'utf8') : null },
    shadowDbInitScript: '',
    migrationDirectories: readdirSync(migrationsFolder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort()
      .map((path) => ({
        path,
        migrationFile: {
          path: 'migration.sql',
          content: { tag: 'ok', value: readFileSync(join(migrationsFolder, path, 'migration.sql'), 'utf8') },
        },
      })),
  };
}

async function startEngine() {
  // Node imports no .wasm file by itself, so the engine is put together here.
  const file = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const bytes = readFileSync(join(dirname(file), 'schema_engine_bg.wasm'));
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': engineBindings });
  engineBindings.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();

  const databases = [];
  const connect = async () => {
    const database = await PGlite.create();
    databases.push(database);
    const adapter = await new PrismaPGlite(database).connect();
    // The adapter does not wait for a script, so that its errors would be lost.
    adapter.executeScript = async (script) => {
      await database.exec(script);
    };
    return adapter;
  };
  const factory = { provider: 'postgres', adapterName: 'pglite', connect, connectToShadowDb: connect };
  const engine = await engineBindings.SchemaEngine.new(
    { datamodels: schemaFiles.map(({ path, content }) => [path, content]) },
    () => {},
    bindMigrationAwareSqlAdapterFactory(factory),
  );
  return { engine, close: () => Promise.all(databases.map((database) => database.close())) };
}
