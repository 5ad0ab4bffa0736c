// Bundles GraphiQL into static files that ask no other host for anything: index.html and assets/, whose names carry a
// hash of their content.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const assetsPath = '/graphiql/assets/';

const workers = {
  editor: 'monaco-editor/esm/vs/editor/editor.worker.js',
  json: 'monaco-editor/esm/vs/language/json/json.worker.js',
  graphql: 'monaco-graphql/esm/graphql.worker.js',
};

export async function bundleGraphiql({ source, target }) {
  const assets = path.join(target, 'assets');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(assets, { recursive: true });
  const common = {
    bundle: true,
    minify: true,
    target: 'es2022',
    outdir: assets,
    entryNames: '[name]-[hash]',
    chunkNames: 'chunk-[hash]',
    assetNames: '[name]-[hash]',
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'external',
    logLevel: 'warning',
    metafile: true,
  };
  // The page names its workers, so they are built first.
  const workerBuild = await build({ ...common, entryPoints: workers, format: 'iife' });
  const workerUrls = Object.fromEntries(
    Object.keys(workers).map((name) => [name, assetsPath + outputOf(workerBuild, name, '.js')]),
  );
  const pageBuild = await build({
    ...common,
    entryPoints: { main: path.join(source, 'main.tsx') },
    format: 'esm',
    splitting: true,
    jsx: 'automatic',
    loader: { '.ttf': 'file', '.woff': 'file', '.woff2': 'file' },
    define: { ...common.define, WORKER_URLS: JSON.stringify(workerUrls) },
  });
  const page = readFileSync(path.join(source, 'index.html'), 'utf8')
    .replace('{{style}}', assetsPath + outputOf(pageBuild, 'main', '.css'))
    .replace('{{script}}', assetsPath + outputOf(pageBuild, 'main', '.js'));
  for (const file of readdirSync(assets)) {
    if (/\.(js|css)$/.test(file)) {
      writeFileSync(path.join(assets, `${file}.gz`), gzipSync(readFileSync(path.join(assets, file)), { level: 9 }));
    }
  }
  // Last: a page stands for a whole bundle.
  writeFileSync(path.join(target, 'index.html'), page);
}

function outputOf({ metafile }, name, extension) {
  const pattern = new RegExp(`^${name}-[A-Z0-9]+\\${extension}$`);
  const file = Object.keys(metafile.outputs)
    .map((output) => path.basename(output))
    .find((output) => pattern.test(output));
  if (file === undefined) throw new Error(`esbuild made no ${name}${extension}`);
  return file;
}
