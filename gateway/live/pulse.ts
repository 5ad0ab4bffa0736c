// The one timer of all live connections. With each beat a connection looks after itself: whether its peer still lives,
// and whether its access token does. Ten thousand of them cost one walk a second, and no timer each.

/** Milliseconds between two beats. What connections count in, they call seconds. */
const second = 1_000;

export interface Beating {
  beat(): void;
}

export interface Pulse {
  add(connection: Beating): void;
  remove(connection: Beating): void;
  stop(): void;
}

/** Does not keep the process alive. `milliseconds` between beats are a second unless told. */
export function startPulse(milliseconds = second): Pulse {
  const connections = new Set<Beating>();
  const timer = setInterval(() => {
    for (const connection of connections) connection.beat();
  }, milliseconds).unref();
  return {
    add: (connection) => connections.add(connection),
    remove: (connection) => connections.delete(connection),
    stop: () => clearInterval(timer),
  };
}
