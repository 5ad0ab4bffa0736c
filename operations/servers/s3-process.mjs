// Runs an S3-compatible server (s3rver): node s3-process.mjs <folder> <port> <bucket>. Objects are kept under
// <folder>/objects; <folder>/requests.log gets a line for each request, so that a test sees what a client asked for.
// <folder>/hold, where there is one, says how many bytes of an object come before the server falls silent.
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import S3rver from '@20minutes/s3rver';

const [folder, port, bucket] = process.argv.slice(2);
const hold = join(folder, 'hold');
const server = new S3rver({
  address: '127.0.0.1',
  port: Number(port),
  directory: join(folder, 'objects'),
  silent: true,
  configureBuckets: [{ name: bucket }],
});
await server.run();
const [serve] = server.httpServer.listeners('request');
server.httpServer.removeAllListeners('request');
server.httpServer.on('request', (request, response) => {
  const { method, url, headers } = request;
  appendFileSync(join(folder, 'requests.log'), `${method} ${url}\n`);
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  // The server leaves the slash at the end out of what it signs for comparison, so no signature of a request for the
  // bucket itself is right for it. It takes such requests unsigned; those for objects stay signed and checked.
  if (pathname === `/${bucket}/`) delete headers.authorization;
  // It keeps uploads in parts, but can neither list nor abort them.
  if (method === 'GET' && searchParams.has('uploads'))
    listUploads(response, searchParams.get('upload-id-marker') ?? '');
  else if (method === 'DELETE' && searchParams.has('uploadId')) abortUpload(response, searchParams.get('uploadId'));
  else {
    if (method === 'GET' && pathname !== `/${bucket}/` && existsSync(hold)) {
      holdBack(response, Number(readFileSync(hold, 'utf8')));
    }
    serve(request, response);
  }
});

const uploads = join(folder, 'objects', bucket, '._S3rver_uploads');

/** The answer neither goes on nor ends after these bytes. */
function holdBack(response, bytes) {
  const write = response.write.bind(response);
  let left = bytes;
  response.write = (chunk) => {
    const part = chunk.subarray(0, left);
    left -= part.length;
    if (part.length > 0) write(part);
    if (left === 0) response.end = () => response;
    return left > 0;
  };
}

/** One on each page, so that a client must ask for the next. */
function listUploads(response, after) {
  const ids = existsSync(uploads) ? readdirSync(uploads).sort() : [];
  const left = ids.filter((id) => id > after);
  const page = left.slice(0, 1).map((id) => ({ id, path: join(uploads, id, 'key') }));
  const items = page.map(({ id, path }) => {
    const initiated = statSync(path).mtime.toISOString();
    return `<Upload><Key>${readFileSync(path)}</Key><UploadId>${id}</UploadId><Initiated>${initiated}</Initiated></Upload>`;
  });
  const next = page.map(({ id }) => `<NextKeyMarker>any</NextKeyMarker><NextUploadIdMarker>${id}</NextUploadIdMarker>`);
  const isTruncated = left.length > 1;
  response.writeHead(200, { 'content-type': 'application/xml' });
  response.end(
    `<?xml version="1.0" encoding="UTF-8"?><ListMultipartUploadsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` +
      `<IsTruncated>${isTruncated}</IsTruncated>${next.join('')}${items.join('')}</ListMultipartUploadsResult>`,
  );
}

function abortUpload(response, id) {
  const path = join(uploads, id);
  const isThere = /^[\da-f]+$/.test(id) && existsSync(path);
  if (isThere) rmSync(path, { recursive: true });
  response.writeHead(isThere ? 204 : 404).end();
}
