// Goes on with a value that may have to be waited for: at once where it is there already.
export function whenKnown<T, R>(value: T | Promise<T>, next: (value: T) => R): R | Promise<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
