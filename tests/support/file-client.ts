// How a client speaks to the byte routes of `files`, for tests of them.
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Person } from './file-service.ts';

export const put = (url: string, body: RequestInit['body'], headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, { method: 'PUT', body, headers, duplex: 'half' } as RequestInit);

export const withToken = ({ userId }: Person): { authorization: string } => ({ authorization: `Bearer ${userId}` });

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** As `Repr-Digest` and `Content-Digest` carry it. */
export const digestOf = (bytes: Uint8Array): string =>
  `sha-256=:${Buffer.from(sha256(bytes), 'hex').toString('base64')}:`;

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export async function refusal(response: Response): Promise<Refusal> {
  const { errors } = (await response.json()) as { errors: { message: string; extensions: { code: string } }[] };
  return { status: response.status, code: errors[0]?.extensions.code ?? '', message: errors[0]?.message ?? '' };
}

/** Waits for what happens a moment after the answer, for 30 seconds at most: machines can be busy. */
export async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await pause(20)) {
    if (await isSo()) return;
  }
}
