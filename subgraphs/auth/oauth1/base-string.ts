// What a signature of OAuth 1.0a covers (RFC 5849 §3.4.1): the method, the address and the parameters, as one text that
// client and server put together alike.

/** A name and a value, decoded. */
export type Parameter = readonly [name: string, value: string];

export interface SignedParts {
  readonly method: string;
  /** The whole URL that the client called. */
  readonly url: string;
  /** Besides those of the URL. */
  readonly parameters: readonly Parameter[];
}

/** Undefined when the URL cannot be read. */
export function baseString({ method, url, parameters }: SignedParts): string | undefined {
  const uri = baseUri(url);
  const query = queryParameters(url);
  if (uri === undefined || query === undefined) return undefined;
  return [method.toUpperCase(), uri, normalized([...query, ...parameters])].map(encode).join('&');
}

/**
 * §3.4.1.2: scheme and host in lower case, the port where it is not the usual one, and the path as it was sent. Not by
 * `URL`, which would write some paths in another way than the client has signed them.
 */
export function baseUri(url: string): string | undefined {
  const [, scheme, authority, path = '/'] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#@]+)(\/[^?#]*)?(?:[?#]|$)/i.exec(url) ?? [];
  if (scheme === undefined || authority === undefined) return undefined;
  const usual = { http: ':80', https: ':443' }[scheme.toLowerCase()];
  const host = authority.toLowerCase();
  const shown = usual !== undefined && host.endsWith(usual) ? host.slice(0, -usual.length) : host;
  return `${scheme.toLowerCase()}://${shown}${path}`;
}

/** §3.4.1.3.1: what stands behind the question mark, decoded as forms are. Undefined when it is not percent-encoded. */
export function queryParameters(url: string): Parameter[] | undefined {
  const [, query = ''] = /^[^?#]*\?([^#]*)/.exec(url) ?? [];
  const parameters: Parameter[] = [];
  for (const part of query.split('&')) {
    if (part === '') continue;
    const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(part) ?? [];
    const [decodedName, decodedValue] = [decodeForm(name), decodeForm(value)];
    if (decodedName === undefined || decodedValue === undefined) return undefined;
    parameters.push([decodedName, decodedValue]);
  }
  return parameters;
}

/** §3.4.1.3.2: encoded, in the order of their bytes by name and then by value. */
function normalized(parameters: readonly Parameter[]): string {
  return parameters
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([name, value], [otherName, otherValue]) => compare(name, otherName) || compare(value, otherValue))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** Both are ASCII, where the order of characters is that of bytes. */
function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** §3.6: all but letters, digits and `-._~`, as UTF-8 in capitals. */
export function encode(text: string): string {
  const escaped = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text).replace(/[!'()*]/g, escaped);
}

/** The text that `encode` makes this of. Undefined when it makes it of none, but for small hexadecimal digits. */
export function decodeStrictly(encoded: string): string | undefined {
  return /^(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})*$/.test(encoded) ? decodeUtf8(encoded) : undefined;
}

function decodeForm(encoded: string): string | undefined {
  return decodeUtf8(encoded.replaceAll('+', ' '));
}

function decodeUtf8(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}
