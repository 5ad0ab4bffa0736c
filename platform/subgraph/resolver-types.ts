// The loosest type that resolver maps of all subgraphs fit. Each subgraph's own map has the generated, strict type.
export type IResolvers<TContext> = {
  // Generated resolver maps differ per type and field; what they share is their context.
  readonly [typeName: string]: unknown;
} & { readonly __context?: TContext };
