// Which answers are given to more than one request: off unless told, and told in full.
import { expect, test } from '@jest/globals';
import { readConfig } from './config.ts';

test('nothing is shared or kept unless told', () => {
  expect(readConfig({}).answers).toEqual({
    shareQueries: false,
    responseCache: 'off',
    responseCacheBytes: 64 * 1_024 * 1_024,
  });
  const given = { SHARE_QUERIES: 'true', RESPONSE_CACHE: 'memory', RESPONSE_CACHE_MB: '1' };
  expect(readConfig(given).answers).toEqual({
    shareQueries: true,
    responseCache: 'memory',
    responseCacheBytes: 1_024 * 1_024,
  });
});

test('answers are kept in Redis only where there is one', () => {
  expect(() => readConfig({ RESPONSE_CACHE: 'redis' })).toThrow('RESPONSE_CACHE: redis needs REDIS_URL');
  const given = { RESPONSE_CACHE: 'redis', REDIS_URL: 'redis://127.0.0.1:6379' };
  expect(readConfig(given).answers.responseCache).toBe('redis');
});

test.each([
  ['SHARE_QUERIES', 'yes'],
  ['RESPONSE_CACHE', 'disk'],
  ['RESPONSE_CACHE_MB', '0'],
])('%s=%s is refused by its name', (name, value) => {
  expect(() => readConfig({ [name]: value })).toThrow(name);
});
