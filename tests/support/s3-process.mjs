// Runs an S3-compatible server (s3rver): node s3-process.mjs <folder> <port> <bucket>. Objects are kept under
// <folder>/objects; <folder>/requests.log gets a line for each request, so that a test sees what a client asked for.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import S3rver from '@20minutes/s3rver';

const [folder, port, bucket] = process.argv.slice(2);
const server = new S3rver({
  address: '127.0.0.1',
  port: Number(port),
  directory: join(folder, 'objects'),
  silent: true,
  configureBuckets: [{ name: bucket }],
});
await server.run();
server.httpServer.prependListener('request', (request) => {
  const { method, url, headers } = request;
  appendFileSync(join(folder, 'requests.log'), `${method} ${url}\n`);
  // The server leaves the slash at the end out of what it signs for comparison, so no signature of a request for the
  // bucket itself is right for it. It takes such requests unsigned; those for objects stay signed and checked.
  if (url.split('?', 1)[0] === `/${bucket}/`) delete headers.authorization;
});
