// What the bench of gateways finds out.
import type { Figures } from './measure.ts';
import type { OperationName } from './operations.ts';

export const gatewayNames = ['caregraph', 'stockApollo', 'hiveGateway'] as const;
export type GatewayName = (typeof gatewayNames)[number];

export type Comparison = Record<GatewayName, Figures>;

export interface GatewayBench {
  /** Whether all gateways answer every operation with the same data. */
  readonly sameAnswers: boolean;
  /** With services that take 1 ms to answer. */
  readonly results: Record<OperationName, Comparison>;
  /** The same with 50 ms. */
  readonly slowServices: Record<OperationName, Comparison>;
  /** Milliseconds that the first request of an unknown operation, the heavy one, takes; the median of 15. */
  readonly firstRequest: Record<GatewayName, number>;
}
