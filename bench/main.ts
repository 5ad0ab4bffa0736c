// `npm run bench -- <name>`: runs a bench by name. Progress goes to stderr; the last line of stdout is one JSON object.
import { benchDocuments } from './documents/documents.ts';
import { benchFiles } from './files.ts';
import { benchGateway } from './gateway/gateway.ts';
import { benchLive } from './live/live.ts';
import { benchSignIn } from './signin.ts';
import { benchStack } from './stack.ts';

const benches: Readonly<Record<string, () => Promise<object>>> = {
  documents: benchDocuments,
  files: benchFiles,
  gateway: benchGateway,
  live: benchLive,
  signin: benchSignIn,
  stack: benchStack,
};

const name = process.argv[2] ?? '';
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
if (bench === undefined) {
  process.stderr.write(`Which bench? npm run bench -- ${Object.keys(benches).join('|')}\n`);
  process.exitCode = 2;
} else {
  const result = await bench();
  process.stdout.write(`${JSON.stringify({ bench: name, node: process.version, ...result })}\n`);
}
