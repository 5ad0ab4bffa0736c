// Bytes in the store that are not those which were written: they are refused, never given out.

export class DamagedBytes extends Error {
  override readonly name = 'DamagedBytes';

  constructor(storeKey: string, where: string, options?: ErrorOptions) {
    super(`What the store has under ${storeKey} was damaged: ${where}`, options);
  }
}
