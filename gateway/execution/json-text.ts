// Writes values as JSON text. Most strings of an answer are short and need no escape: for them a look at each
// character costs less than a call of JSON.stringify.

const longestLookedThrough = 60;

export function quote(text: string): string {
  const { length } = text;
  if (length > longestLookedThrough) return JSON.stringify(text);
  for (let at = 0; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code === 0x22 || code === 0x5c || (code >= 0xd800 && code <= 0xdfff))
      return JSON.stringify(text);
  }
  return `"${text}"`;
}

/** Any value of a subgraph. What JSON cannot say is null, as inside a list. */
export function writeJson(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  return JSON.stringify(value) ?? 'null';
}
