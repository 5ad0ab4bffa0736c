// The grammar of RQL: text becomes terms. What the operators mean is rql.ts's business.
//
//   query = ["?"] group        group = term *( "&" term ) / term *( "|" term )
//   term  = operator "(" [ arg *( "," arg ) ] ")" / path infix value / "(" group ")"
//   arg   = term / text        infix = "=" "!=" "<" "<=" ">" ">=" / "=" operator "="

export interface RqlTerm {
  readonly operator: string;
  readonly args: readonly RqlArgument[];
}

/** Text is as it was written: not decoded yet. */
export type RqlArgument =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'term'; readonly term: RqlTerm };

/** What is wrong with the text, as the end of a sentence about it. */
export class RqlFault extends Error {}

const deepest = 15;
const infixes: Readonly<Record<string, string>> = {
  '=': 'eq',
  '!=': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
};

/** The terms, all of which must hold; throws an RqlFault. */
export function parseRql(text: string): readonly RqlTerm[] {
  const reader = new RqlReader(text.startsWith('?') ? text.slice(1) : text);
  return reader.isAtEnd() ? [] : [reader.wholeText()];
}

class RqlReader {
  readonly #text: string;
  #place = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  isAtEnd(): boolean {
    return this.#place >= this.#text.length;
  }

  wholeText(): RqlTerm {
    const term = this.#group();
    if (!this.isAtEnd()) throw this.#unexpected();
    return term;
  }

  #group(): RqlTerm {
    this.#depth += 1;
    if (this.#depth > deepest) throw new RqlFault(`must not be nested deeper than ${deepest}.`);
    const terms = [this.#term()];
    const separator = this.#peek();
    while (separator !== '' && '&|'.includes(separator) && this.#take(separator)) terms.push(this.#term());
    const next = this.#peek();
    if (next === '&' || next === '|') throw new RqlFault('`&` and `|` do not mix without parentheses.');
    this.#depth -= 1;
    const [only] = terms;
    if (only !== undefined && terms.length === 1) return only;
    return { operator: separator === '|' ? 'or' : 'and', args: terms.map((term) => ({ kind: 'term', term })) };
  }

  #term(): RqlTerm {
    const argument = this.#argument();
    if (argument.kind === 'term') return argument.term;
    throw argument.text === '' ? this.#unexpected() : new RqlFault(`\`${shortened(argument.text)}\` is no condition.`);
  }

  #argument(): RqlArgument {
    if (this.#take('(')) {
      const term = this.#group();
      this.#require(')');
      return { kind: 'term', term };
    }
    const text = this.#word();
    if (text !== '' && this.#take('(')) return { kind: 'term', term: { operator: text, args: this.#arguments() } };
    const infix = this.#infix();
    if (infix === undefined) return { kind: 'text', text };
    const args = [text, this.#word()].map((word) => ({ kind: 'text', text: word }) as const);
    return { kind: 'term', term: { operator: infix, args } };
  }

  #arguments(): RqlArgument[] {
    if (this.#take(')')) return [];
    this.#depth += 1;
    if (this.#depth > deepest) throw new RqlFault(`must not be nested deeper than ${deepest}.`);
    const args = [this.#argument()];
    while (this.#take(',')) args.push(this.#argument());
    this.#require(')');
    this.#depth -= 1;
    return args;
  }

  #infix(): string | undefined {
    const [named, operator] = this.#match(/=([A-Za-z_]+)=/y);
    if (named !== undefined) return operator;
    const [sign] = this.#match(/!=|<=|>=|[=<>]/y);
    return sign === undefined ? undefined : infixes[sign];
  }

  /** Anything up to what has a meaning of its own; that must be percent-encoded to stand in a value. */
  #word(): string {
    return this.#match(/(?:[^()&|,=<>!]|!(?!=))*/y)[0] ?? '';
  }

  #match(pattern: RegExp): readonly (string | undefined)[] {
    pattern.lastIndex = this.#place;
    const found = pattern.exec(this.#text);
    if (found === null) return [];
    this.#place += found[0].length;
    return found;
  }

  #peek(): string {
    return this.#text.charAt(this.#place);
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#place += 1;
    return true;
  }

  #require(character: string): void {
    if (!this.#take(character)) throw this.#unexpected();
  }

  #unexpected(): RqlFault {
    return this.isAtEnd()
      ? new RqlFault('ends too early.')
      : new RqlFault(`\`${this.#peek()}\` is not expected at place ${this.#place + 1}.`);
  }
}

/** For messages. */
export function shortened(text: string): string {
  return text.length > 50 ? `${text.slice(0, 50)}…` : text;
}
