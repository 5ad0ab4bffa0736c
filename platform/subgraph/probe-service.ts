// Whether anybody answers at an address: one request over a connection of its own, which waits behind no other.
import { Client } from 'undici';

/** Any answer to /readyz will do: also of a process that is not ready, which refuses by itself and at once. */
export async function probeService(
  url: { readonly origin: string; readonly path: string },
  milliseconds: number,
  signal: AbortSignal,
): Promise<void> {
  const client = new Client(url.origin, { connectTimeout: milliseconds });
  const stop = () => void client.destroy();
  signal.addEventListener('abort', stop);
  try {
    const { body } = await client.request({
      method: 'GET',
      path: `${url.path}/readyz`,
      headersTimeout: milliseconds,
      bodyTimeout: milliseconds,
      signal: AbortSignal.timeout(2 * milliseconds),
    });
    await body.dump();
  } finally {
    signal.removeEventListener('abort', stop);
    await client.destroy();
  }
}
