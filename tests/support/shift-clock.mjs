// Loaded into the programs that a test starts, before anything of theirs (node --import): their time is what the test has
// written to a file, so that all of them are at the same moment. The programs themselves know nothing of it.
import { readFileSync } from 'node:fs';

const file = process.env.TEST_CLOCK_FILE;
if (file === undefined) throw new Error('TEST_CLOCK_FILE says where the time is written');

const RealDate = Date;
const realNow = RealDate.now;
/** Milliseconds, of a time that nobody moves. Who has written waits a little longer than that (program-clock.ts). */
const rereadAfter = 5;

let offset = 0;
/** Epoch milliseconds; undefined: time goes on. */
let standing;
let readAt = Number.NEGATIVE_INFINITY;

/** `+` and milliseconds ahead of real time, or `=` and the moment at which time stands still. */
function read() {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // The test is over, the program is about to be.
    return;
  }
  const milliseconds = Number(text.slice(1));
  standing = text.startsWith('=') ? milliseconds : undefined;
  offset = text.startsWith('+') ? milliseconds : 0;
}

function now() {
  const moment = performance.now();
  if (moment - readAt > rereadAfter) {
    readAt = moment;
    read();
  }
  return standing ?? realNow() + offset;
}

RealDate.now = now;
// `new Date()` does not go by Date.now. What it makes stays a real date.
globalThis.Date = new Proxy(RealDate, {
  construct: (target, given, wanted) =>
    Reflect.construct(target, given.length === 0 ? [now()] : given, wanted === globalThis.Date ? target : wanted),
  apply: () => new RealDate(now()).toString(),
});
RealDate.prototype.constructor = globalThis.Date;
