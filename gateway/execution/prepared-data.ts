// `data` of an answer that is JSON text already: `stringifyResult` puts the text into the body, and whoever makes JSON of it
// in another way gets the same.
export class PreparedData {
  readonly text: string;

  constructor(text: string) {
    // Written piece by piece, it is a tree of thousands of small strings, and would be kept so until it is sent: the
    // collector would move them about meanwhile. Reading it as a number makes it one string at once.
    Number(text);
    this.text = text;
  }

  /** As objects, made anew at each call. */
  toJSON(): Record<string, unknown> | null {
    return JSON.parse(this.text) as Record<string, unknown> | null;
  }
}

/** A result as JSON text. `value` is one as JSON.stringify would take it. */
export function stringifyResult(value: object): string {
  const parts: string[] = [];
  for (const [key, part] of Object.entries(value)) {
    const text = part instanceof PreparedData ? part.text : JSON.stringify(part);
    if (text !== undefined) parts.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${parts.join(',')}}`;
}
