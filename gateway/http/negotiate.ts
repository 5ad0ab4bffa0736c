// In which form an answer goes out (GraphQL over HTTP, https://graphql.github.io/graphql-over-http/draft/#sec-Media-Types).
export interface MediaType {
  readonly name: 'application/json' | 'application/graphql-response+json';
  /** The client has named it, and not just anything. */
  readonly named: boolean;
}

/** Undefined: nothing that the client accepts can be given. */
export function negotiate(accept: string | undefined): MediaType | undefined {
  if (accept === undefined || accept.trim() === '') return { name: 'application/json', named: false };
  const wanted = accept
    .split(',')
    .map(parseRange)
    .filter(({ quality }) => quality > 0)
    .toSorted((one, other) => other.quality - one.quality);
  for (const { range } of wanted) {
    if (range === 'application/json' || range === 'application/graphql-response+json') {
      return { name: range, named: true };
    }
    if (range === '*/*' || range === 'application/*') return { name: 'application/json', named: false };
  }
  return undefined;
}

function parseRange(text: string): { readonly range: string; readonly quality: number } {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
  return { range, quality: Number.isNaN(quality) ? 1 : quality };
}
