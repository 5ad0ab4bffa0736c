// The TUS protocol as a client speaks it, request by request, for tests of what the server answers.

export interface TusAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Of the refusal, where there is one. */
  readonly code: string | undefined;
  readonly message: string | undefined;
}

export interface TusRequest {
  readonly headers?: Record<string, string>;
  readonly body?: RequestInit['body'];
}

export async function tus(
  method: string,
  url: string,
  { headers = {}, body = null }: TusRequest = {},
): Promise<TusAnswer> {
  const type = method === 'PATCH' ? { 'content-type': 'application/offset+octet-stream' } : {};
  const init = { method, body, headers: { 'tus-resumable': '1.0.0', ...type, ...headers }, duplex: 'half' };
  const response = await fetch(url, init as RequestInit);
  const text = await response.text();
  const [error] = text === '' ? [] : JSON.parse(text).errors;
  return {
    status: response.status,
    headers: response.headers,
    code: error?.extensions.code,
    message: error?.message,
  };
}

export const patch = (url: string, offset: number, body: RequestInit['body'], headers: Record<string, string> = {}) =>
  tus('PATCH', url, { body, headers: { 'upload-offset': `${offset}`, ...headers } });

/** As `Upload-Metadata` carries it. */
export function metadata(values: Record<string, string>): { 'upload-metadata': string } {
  const pairs = Object.entries(values).map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`);
  return { 'upload-metadata': pairs.join(',') };
}
