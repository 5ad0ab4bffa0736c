// Serves GraphiQL: its page and its assets, from the bundle that the build made. It knows a fixed set of files, found
// when the program starts; nothing in a request can name any other.
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

export interface GraphiqlOptions {
  /** Where the build put the bundle: the folder of index.html and assets/. */
  readonly folder: string;
}

interface Asset {
  readonly file: string;
  readonly contentType: string;
  readonly size: number;
  /** The size of the same file with `.gz` added, where there is one. */
  readonly zippedSize: number | undefined;
}

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.ttf': 'font/ttf',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};

/**
 * Only this machine. Monaco writes style elements and style attributes as it draws, and GraphiQL's style sheet holds
 * its fonts and images as data; scripts and workers come from files alone. `'self'` covers the WebSocket, too.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** GET /graphiql, its assets, and a redirect to it from /. Throws when there is no bundle. */
export function registerGraphiql(app: FastifyInstance, options: GraphiqlOptions): void {
  const pageFile = join(options.folder, 'index.html');
  if (!existsSync(pageFile)) throw new Error('GraphiQL is not built: run `npm run build`, or set GRAPHIQL=false.');
  const page = readFileSync(pageFile);
  const assets = findAssets(join(options.folder, 'assets'));

  app.get('/', (_request, reply) => reply.redirect('/graphiql', 302));

  app.get('/graphiql', (_request, reply) =>
    withSafety(reply)
      .headers({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
        'content-security-policy': contentSecurityPolicy,
        'referrer-policy': 'no-referrer',
      })
      .send(page),
  );

  app.get<{ Params: { name: string } }>('/graphiql/assets/:name', (request, reply) => {
    const asset = assets.get(request.params.name);
    return asset === undefined ? reply.callNotFound() : sendAsset(request, reply, asset);
  });
}

function findAssets(folder: string): ReadonlyMap<string, Asset> {
  const names = new Set(readdirSync(folder));
  const assets = new Map<string, Asset>();
  for (const name of names) {
    const contentType = contentTypes[extname(name)];
    if (contentType === undefined) continue;
    const file = join(folder, name);
    const zippedSize = names.has(`${name}.gz`) ? statSync(`${file}.gz`).size : undefined;
    assets.set(name, { file, contentType, size: statSync(file).size, zippedSize });
  }
  return assets;
}

/** The name of an asset changes with its content, so a browser may keep it for good. */
function sendAsset(request: FastifyRequest, reply: FastifyReply, asset: Asset): FastifyReply {
  withSafety(reply).headers({
    'content-type': asset.contentType,
    'cache-control': 'public, max-age=31536000, immutable',
    vary: 'accept-encoding',
  });
  if (asset.zippedSize === undefined || !acceptsGzip(request)) {
    return reply.header('content-length', asset.size).send(createReadStream(asset.file));
  }
  return reply
    .headers({ 'content-encoding': 'gzip', 'content-length': asset.zippedSize })
    .send(createReadStream(`${asset.file}.gz`));
}

function acceptsGzip(request: FastifyRequest): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(String(request.headers['accept-encoding'] ?? ''));
}

function withSafety(reply: FastifyReply): FastifyReply {
  return reply.headers({ 'x-content-type-options': 'nosniff', 'cross-origin-resource-policy': 'same-origin' });
}
