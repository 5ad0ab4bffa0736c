// Which subscriptions are to the same operation with the same variables. From which position each starts makes no
// difference to what they get from there on.
import type { LiveOperation } from './live-subscriptions.ts';
import type { SubscriptionPlan } from './plan-subscription.ts';

export function operationKey(
  { query, operationName }: LiveOperation,
  { positionVariable }: SubscriptionPlan,
  variables: Readonly<Record<string, unknown>>,
): string {
  const { [positionVariable ?? '']: _, ...others } = variables;
  return JSON.stringify([operationName ?? null, query, positionVariable === undefined ? variables : others], sorted);
}

/** For JSON.stringify: objects that differ in the order of their fields only become the same text. */
function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
