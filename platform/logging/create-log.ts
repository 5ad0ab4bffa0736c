// The log of a process: lines of JSON without personal data. What it says of an error is chosen here, for all of them.
import { type Logger, pino } from 'pino';
import { loggedError } from './logged-error.ts';

export function createLog(level: string, destination?: Parameters<typeof pino>[1]): Logger {
  return pino({ level, serializers: { err: loggedError } }, destination);
}
