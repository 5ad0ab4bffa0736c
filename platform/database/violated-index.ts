// Tells which index refused a row: because another row has the same values, or because a value does not fit in.
import type { Layer } from './error-layers.ts';
import { anyLayer } from './error-layers.ts';

export interface IndexViolation {
  readonly kind: 'unique' | 'too long';
  /** Undefined where PostgreSQL does not say which: a value was too long before it came to any index in particular. */
  readonly index?: string;
}

/** PostgreSQL's codes for a unique violation and an exceeded limit. */
const uniqueViolation = '23505';
const limitExceeded = '54000';

/** Undefined when no index whose name begins like that refused a row. */
export function findIndexViolation(error: unknown, prefix: string): IndexViolation | undefined {
  let found: IndexViolation | undefined;
  anyLayer(error, (layer) => {
    const code = layer.originalCode ?? layer.code;
    if (code !== uniqueViolation && code !== limitExceeded) return false;
    const text = textOf(layer);
    const index = text.match(new RegExp(`\\b${prefix}\\w*`))?.[0];
    if (index !== undefined) found = { kind: code === uniqueViolation ? 'unique' : 'too long', index };
    else if (code === limitExceeded && /\bindex row /.test(text)) found = { kind: 'too long' };
    return found !== undefined;
  });
  return found;
}

/** Drivers say it in a field of their own, or in the message alone. */
function textOf(layer: Layer): string {
  const text = [layer.constraint, layer.originalMessage, layer.message].map((part) =>
    typeof part === 'object' ? JSON.stringify(part) : String(part),
  );
  return text.join(' ');
}
