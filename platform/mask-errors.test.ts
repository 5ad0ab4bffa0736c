import { describe, expect, test } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { AppError, invalidInput } from './errors.ts';
import { formatResult, toAppError } from './mask-errors.ts';
import type { Logger } from './subgraph/context.ts';

function logKeeper(): { log: Logger; lines: unknown[] } {
  const lines: unknown[] = [];
  const keep = (line: unknown) => lines.push(line);
  return { log: { info: keep, warn: keep, error: keep, debug: keep } as unknown as Logger, lines };
}

describe('an unexpected error', () => {
  test('is replaced by an id that finds it in the log', () => {
    const { log, lines } = logKeeper();
    const secret = new Error('SELECT password FROM users at /srv/app/dist/x.js');
    const { errors } = formatResult(
      { errors: [new GraphQLError(secret.message, { originalError: secret, path: ['me'] })] },
      log,
    );
    expect(errors).toEqual([
      {
        message: expect.stringMatching(/^Something went wrong\. Error id: [0-9a-f-]{36}$/),
        path: ['me'],
        extensions: { code: 'INTERNAL_SERVER_ERROR', details: { errorId: expect.any(String) } },
      },
    ]);
    const details = errors?.[0]?.extensions.details as { errorId: string };
    expect(lines).toEqual([{ err: secret, errorId: details.errorId }]);
  });

  test('is masked whatever was thrown', () => {
    for (const thrown of ['text', null, undefined, 7, { code: 'FORBIDDEN', message: 'not ours' }]) {
      expect(toAppError(thrown, logKeeper().log).code).toBe('INTERNAL_SERVER_ERROR');
    }
  });
});

describe('an error made for clients', () => {
  test('passes with its code and details, however deep it is wrapped', () => {
    const { log, lines } = logKeeper();
    const refusal = invalidInput('input.email', 'is not an address.');
    const wrapped = new GraphQLError('x', { originalError: new GraphQLError('y', { originalError: refusal }) });
    expect(formatResult({ errors: [wrapped] }, log).errors).toEqual([
      {
        message: 'input.email: is not an address.',
        extensions: { code: 'BAD_USER_INPUT', details: { field: 'input.email', code: 15 } },
      },
    ]);
    expect(lines).toEqual([]);
  });

  test('of GraphQL itself passes as the fault of the client', () => {
    const { errors } = formatResult({ errors: [new GraphQLError('Variable "$x" got invalid value')] }, logKeeper().log);
    expect(errors).toEqual([{ message: 'Variable "$x" got invalid value', extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  test('is left alone where there is none', () => {
    const result = { data: { me: null } };
    expect(formatResult(result, logKeeper().log)).toBe(result);
    expect(toAppError(new AppError('NOT_FOUND'), logKeeper().log).code).toBe('NOT_FOUND');
  });
});
