// The house rules, as data: each finds its breaches in a set of sources, and carries an example that breaks it.
import { basename, dirname } from 'node:path';
import { readErrorRows } from './error-page.ts';
import type { SourceFile } from './source-files.ts';

export interface HouseRule {
  readonly name: string;
  /** One line for each breach; none when the rule holds. */
  breaches(files: readonly SourceFile[]): string[];
  /** Sources that break the rule: path → text. */
  readonly example: Readonly<Record<string, string>>;
}

/** A rule about single files: what is wrong with this one, or nothing. */
function perFile(fault: (file: SourceFile) => string | false): HouseRule['breaches'] {
  return (files) =>
    files.flatMap((file) => {
      const found = fault(file);
      return found === false ? [] : [`${file.path}: ${found}`];
    });
}

/** A rule about single imports: whether a file may import another. Tests may join what the house keeps apart. */
function perImport(forbidden: (from: string, to: string) => boolean): HouseRule['breaches'] {
  return (files) =>
    files
      .filter((file) => !file.isTest && !isTestOrBench(file.path))
      .flatMap((file) => file.imports.filter((to) => forbidden(file.path, to)).map((to) => `${file.path} → ${to}`));
}

const isTestOrBench = (path: string) => /^(tests|bench)\//.test(path);
const isOperations = (path: string) => path.startsWith('operations/');
const isBrowserCode = (path: string) => path.startsWith('gateway/graphiql/app/');
/** Looks for programs on the PATH. */
const isServerProgram = (path: string) => path.startsWith('operations/servers/');
/** What processes begin with. */
const isMain = (path: string) =>
  /^((gateway|subgraphs)\/main|operations\/[a-z-]+\/main|bench\/[a-z-]+\/[a-z-]+-process)\.ts$/.test(path);
const serviceOf = (path: string) => /^subgraphs\/([^/]+)\//.exec(path)?.[1];

export const houseRules: readonly HouseRule[] = [
  {
    name: 'the gateway imports nothing of the subgraphs, but its main.ts may run them',
    breaches: perImport(
      (from, to) =>
        from.startsWith('gateway/') &&
        to.startsWith('subgraphs/') &&
        !(from === 'gateway/main.ts' && to === 'subgraphs/runtime.ts'),
    ),
    example: { 'gateway/plan.ts': "import { users } from '../subgraphs/users/index.ts';" },
  },
  {
    name: 'subgraphs import nothing of the gateway',
    breaches: perImport((from, to) => from.startsWith('subgraphs/') && to.startsWith('gateway/')),
    example: { 'subgraphs/users/index.ts': "import type { Plan } from '../../gateway/plan.ts';" },
  },
  {
    name: 'a subgraph imports no other subgraph, and nothing of what runs it',
    breaches: perImport(
      (from, to) => serviceOf(from) !== undefined && to.startsWith('subgraphs/') && serviceOf(to) !== serviceOf(from),
    ),
    example: { 'subgraphs/users/index.ts': "export * from '../data/models.ts';" },
  },
  {
    name: 'what runs the subgraphs knows only their index.ts',
    breaches: perImport(
      (from, to) => /^subgraphs\/[^/]+$/.test(from) && serviceOf(to) !== undefined && basename(to) !== 'index.ts',
    ),
    example: { 'subgraphs/runtime.ts': "const store = await import('./users/store.ts');" },
  },
  {
    name: 'the platform imports neither the gateway nor a subgraph',
    breaches: perImport((from, to) => from.startsWith('platform/') && /^(gateway|subgraphs)\//.test(to)),
    example: { 'platform/clock.ts': "import { main } from '../gateway/main.ts';" },
  },
  {
    name: 'the program imports nothing of what operators run beside it',
    breaches: perImport((from, to) => !isOperations(from) && isOperations(to)),
    example: { 'platform/clock.ts': "import { startCluster } from '../operations/cluster/start-cluster.ts';" },
  },
  {
    name: 'no program code imports tests or benches',
    breaches: perImport((_from, to) => isTestOrBench(to) || to.endsWith('.test.ts')),
    example: { 'platform/clock.ts': "import { database } from '../tests/support/database.ts';" },
  },
  {
    name: 'in a subgraph, only stores use Prisma; models name its rows, and *-sql.ts make parts of statements',
    breaches: perImport(
      (from, to) =>
        to.startsWith('generated/prisma/') &&
        !from.startsWith('platform/') &&
        !(serviceOf(from) !== undefined && /(^|-)(store|sql)\.ts$|^models\.ts$/.test(basename(from))),
    ),
    example: { 'subgraphs/users/roles.ts': "import type { Prisma } from '../../generated/prisma/client.ts';" },
  },
  {
    name: 'a service uses the resolver types of its own contract only',
    breaches: perImport(
      (from, to) => to.startsWith('generated/resolvers/') && to !== `generated/resolvers/${serviceOf(from)}.ts`,
    ),
    example: { 'subgraphs/users/resolvers.ts': "import type { Resolvers } from '../../generated/resolvers/data.ts';" },
  },
  {
    name: 'imports make no cycle',
    breaches: importCycles,
    example: {
      'platform/a.ts': "import { b } from './b.ts';",
      'platform/b.ts': "import type { C } from './c.ts';",
      'platform/c.ts': "export * from './a.ts';",
    },
  },
  {
    name: 'only the composition roots read the environment',
    breaches: perFile(
      (file) => file.readsEnvironment && !isMain(file.path) && !mayReadEnvironment(file) && 'process.env',
    ),
    example: { 'platform/clock.ts': 'export const zone = process.env.TZ;' },
  },
  {
    name: 'importing a module starts nothing',
    breaches: perFile((file) => {
      const started = file.callsOnLoad.filter((call) =>
        /^set(Timeout|Interval|Immediate)$|\.(listen|connect)$/.test(call),
      );
      return (
        !file.isTest && !isMain(file.path) && started.length > 0 && `calls ${started.join(', ')} when it is loaded`
      );
    }),
    example: { 'platform/clock.ts': 'export const timer = setInterval(() => {}, 1_000);' },
  },
  {
    name: 'names of files and folders are kebab-case',
    breaches: perFile((file) => {
      const wrong = file.path.split('/').find((part) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.d)?(\.tsx?)?$/.test(part));
      return wrong !== undefined && wrong;
    }),
    example: { 'platform/systemClock.ts': '// Tells the time.' },
  },
  {
    name: 'a name says what it is for: no utils, helpers, common or misc',
    breaches: perFile((file) => {
      const parts = file.path.split('/').map((part) => part.replace(/(\.test|\.d)?\.tsx?$/, ''));
      const empty = parts.find((part) => /(^|-)(util|utils|helper|helpers|common|misc)$/.test(part));
      return empty !== undefined && empty;
    }),
    example: { 'platform/date-utils.ts': '// Dates.' },
  },
  {
    name: 'nothing is exported as default',
    breaches: perFile((file) => file.hasDefaultExport && 'export default'),
    example: { 'platform/clock.ts': 'export default function clock() {}' },
  },
  {
    name: 'files are short: 300 lines, tests 500',
    breaches: perFile((file) => {
      const most = file.isTest ? 500 : 300;
      return file.lineCount > most && `${file.lineCount} lines`;
    }),
    example: { 'platform/clock.ts': `// Tells the time.${'\n//'.repeat(300)}` },
  },
  {
    name: 'each file opens with what it is responsible for; a test is named after what it tests',
    breaches: perFile((file) => !file.isTest && !/^(\/\/ \S|\/\*\*?\s)/.test(file.text) && 'no comment at its head'),
    example: { 'platform/clock.ts': "import { b } from './b.ts';\n// Tells the time." },
  },
  {
    name: "docs/errors.md has the reference's number of each error, beside the code that it comes with",
    breaches: undocumentedNumbers,
    example: { 'platform/clock.ts': "throw new AppError('NOT_ACTIVATED', undefined, { code: 205 });" },
  },
];

/** Where the code does not stand with the number, any row will do. */
function undocumentedNumbers(files: readonly SourceFile[]): string[] {
  const rows = readErrorRows();
  return files
    .filter((file) => !file.isTest && !isTestOrBench(file.path))
    .flatMap(({ path, errorNumbers }) =>
      errorNumbers
        .filter(
          ({ code, number }) => !rows.some((row) => row.numbers.includes(number) && (code ?? row.code) === row.code),
        )
        .map(({ code, number }) => `${path}: ${code ?? 'an error'} with ${number}`),
    );
}

/** Entry points of their own: tests, benches, and tools that npm scripts run. */
function mayReadEnvironment(file: SourceFile): boolean {
  return file.isTest || isTestOrBench(file.path) || isBrowserCode(file.path) || isServerProgram(file.path);
}

/** Each cycle once, as `a → b → a`. Imports of types count: a circle of meanings is a circle, too. */
function importCycles(files: readonly SourceFile[]): string[] {
  const imports = new Map(files.map((file) => [file.path, file.imports]));
  const done = new Set<string>();
  const trail: string[] = [];
  const cycles: string[] = [];
  const follow = (path: string): void => {
    const start = trail.indexOf(path);
    if (start >= 0) cycles.push([...trail.slice(start), path].join(' → '));
    if (start >= 0 || done.has(path)) return;
    trail.push(path);
    for (const next of imports.get(path) ?? []) follow(next);
    trail.pop();
    done.add(path);
  };
  for (const file of files) follow(file.path);
  return cycles;
}

/** Folders whose files the rules look at, for a test that the rules see anything at all. */
export function foldersOf(files: readonly SourceFile[]): Set<string> {
  return new Set(files.map((file) => dirname(file.path).split('/')[0] ?? ''));
}
