// The header that says when to come back (RFC 9110 §10.2.3), from what errors tell.

/** `retryAfterSeconds` is in seconds; `remainingDelay`, of failed sign-ins and codes, in milliseconds. */
export function retryAfterOf(details: readonly unknown[]): { readonly 'retry-after'?: string } {
  const seconds = details.flatMap((one) => {
    const { retryAfterSeconds, remainingDelay } = (one ?? {}) as Record<string, unknown>;
    if (typeof retryAfterSeconds === 'number') return [retryAfterSeconds];
    return typeof remainingDelay === 'number' ? [Math.ceil(remainingDelay / 1_000)] : [];
  });
  return seconds.length === 0 ? {} : { 'retry-after': String(Math.max(1, ...seconds)) };
}
