// What a bench tells of its progress, on stderr: stdout belongs to its result.
const start = Date.now();

export function progress(message: string): void {
  process.stderr.write(`${((Date.now() - start) / 1_000).toFixed(1).padStart(6)} s  ${message}\n`);
}
