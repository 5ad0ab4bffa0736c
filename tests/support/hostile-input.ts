// Input that nobody sends in earnest, for fuzz tests: texts of any characters and lengths, JSON of any shape, and texts
// and JSON that were valid before something in them was changed.
import fc from 'fast-check';

const anyUnit = fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit));
const oddTexts = [
  ...['\0', '\ud800', '\udc00x', '\uffff', '\u202e', '😀', 'é', "'", '"', '\\', '$1', '{}', ';', '--', '/*', '%', '\n'],
  ...[
    "'; DROP TABLE data.documents; --",
    "' OR '1'='1",
    '$(id)',
    '../../etc/passwd',
    'null',
    'NaN',
    '1e400',
    '__proto__',
  ],
];

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...oddTexts) },
  { weight: 4, arbitrary: fc.array(anyUnit, { maxLength: 12 }).map((units) => units.join('')) },
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(...oddTexts), fc.nat(2_000)).map(([text, times]) => text.repeat(times)),
  },
);

const key = fc.oneof(
  fc.constantFrom('a', 'field', 'eq', 'type', 'data', 'id', '', '__proto__', 'constructor', 'prototype', 'toString'),
  hostileText,
);
const scalar = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, 0, -0, -1, 1e308, 5e-324, 2 ** 53, Number.POSITIVE_INFINITY, ''),
  hostileText,
);

/** As JSON.parse makes it: `__proto__` is a key like others, and 1e400 infinite. */
export const hostileJson: fc.Arbitrary<unknown> = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('json'), { maxLength: 4 }),
    // Object.fromEntries, unlike fc.dictionary, makes an own key of `__proto__`.
    fc.array(fc.tuple(key, tie('json')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  ),
})).json;

/** The text after one to three changes: characters lost, doubled, put in or put in another place. */
export function mutated(text: string): fc.Arbitrary<string> {
  const change = fc.tuple(fc.constantFrom('drop', 'double', 'insert', 'move', 'cut'), fc.nat(), fc.nat(8), hostileText);
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
    let result = text;
    for (const [kind, where, length, other] of changes) {
      const at = where % (result.length + 1);
      const [front, piece, rest] = [result.slice(0, at), result.slice(at, at + length), result.slice(at + length)];
      if (kind === 'drop') result = front + rest;
      else if (kind === 'double') result = front + piece + piece + rest;
      else if (kind === 'insert') result = front + other + piece + rest;
      else if (kind === 'move') result = rest + front + piece;
      else result = front;
    }
    return result;
  });
}

/** The JSON after one to three changes: something in it lost, replaced, or put there under another key. */
export function mutatedJson(json: unknown, values: fc.Arbitrary<unknown> = hostileJson): fc.Arbitrary<unknown> {
  const change = fc.tuple(fc.constantFrom('drop', 'replace', 'replace', 'add'), fc.nat(), key, values);
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
    let result = json;
    for (const [kind, where, name, value] of changes) {
      const places = placesIn(result, []);
      const place = places[where % places.length] ?? [];
      if (kind === 'add') result = changedAt(result, [...place, name], value);
      else result = changedAt(result, place, kind === 'drop' ? undefined : value);
    }
    return result;
  });
}

type Place = readonly string[];

function placesIn(json: unknown, place: Place): Place[] {
  if (typeof json !== 'object' || json === null) return [place];
  return [place, ...Object.entries(json).flatMap(([name, inner]) => placesIn(inner, [...place, name]))];
}

/** A copy; undefined takes away. */
function changedAt(json: unknown, [first, ...rest]: Place, value: unknown): unknown {
  if (first === undefined) return value ?? null;
  if (typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) {
    return json.flatMap((item, index) => {
      if (String(index) !== first) return [item];
      return rest.length === 0 && value === undefined ? [] : [changedAt(item, rest, value)];
    });
  }
  const others = Object.entries(json).filter(([name]) => name !== first);
  const inner = Object.entries(json).find(([name]) => name === first)?.[1];
  const changed = rest.length === 0 ? value : changedAt(inner, rest, value);
  return Object.fromEntries(changed === undefined ? others : [...others, [first, changed]]);
}
