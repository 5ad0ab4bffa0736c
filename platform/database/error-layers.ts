// Looks through the layers that Prisma and its adapters wrap around a driver's error.

export type Layer = Readonly<Record<string, unknown>>;

const deepest = 5;

/** Whether some layer of the error is as asked. */
export function anyLayer(error: unknown, asked: (layer: Layer) => boolean, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > deepest) return false;
  const layer = error as Layer;
  const inner = (layer.meta as Layer | undefined)?.driverAdapterError;
  return asked(layer) || anyLayer(layer.cause, asked, depth + 1) || anyLayer(inner, asked, depth + 1);
}
