// A Jest reporter: closes the run with one plain line, `N passed, N failed, N skipped`. Under CI a skipped test is a
// failure, because there everything that the suites need is installed.
import { writeSync } from 'node:fs';

export default class CountTests {
  #error;

  onRunComplete(_contexts, results) {
    const skipped = results.numPendingTests + results.numTodoTests;
    // A file that does not even load has no tests to count; it must not go unnoticed.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    if (process.env.CI !== undefined && process.env.CI !== 'false' && skipped > 0) {
      this.#error = new Error(`${skipped} tests were skipped; under CI none may be.`);
    }
    // At exit: Jest's own summary comes after the reporters'.
    process.once('exit', () =>
      writeSync(1, `${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`),
    );
  }

  getLastError() {
    return this.#error;
  }
}
