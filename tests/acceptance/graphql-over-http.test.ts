// GraphQL over HTTP, by the audits of graphql-http against the running gateway, and what they leave open.
import { expect, jest, test } from '@jest/globals';
import type { AuditResult } from 'graphql-http';
import { auditServer } from 'graphql-http';
import { describeClinic } from '../support/describe-clinic.ts';

jest.setTimeout(300_000);

/** What a browser can be made to send is refused, and these are such: plain GETs, which the draft leaves to servers (MAY). */
const refusedGets = ['5A70', 'D6D5', '6A70'];

describeClinic('GraphQL over HTTP', (world) => {
  const url = () => `${world.shape.url}/graphql`;
  const notOk = (results: readonly AuditResult[]) =>
    results.flatMap((result) => (result.status === 'ok' ? [] : [`${result.id} ${result.status} ${result.name}`]));

  test('no audit finds an error, or anything to warn of', async () => {
    const found = notOk(await auditServer({ url: url(), fetchFn: fetch }));
    expect(found.filter((line) => !line.includes(' notice '))).toEqual([]);
    expect(found.map((line) => line.split(' ')[0]).filter((id) => !refusedGets.includes(id ?? ''))).toEqual([]);
  });

  test('to a client that sends the header against CSRF, no audit finds anything at all', async () => {
    const fetchFn = (address: string, init: RequestInit = {}) =>
      fetch(address, { ...init, headers: { ...init.headers, 'apollo-require-preflight': 'true' } });
    const results = await auditServer({ url: url(), fetchFn });
    expect(results.length).toBeGreaterThan(50);
    expect(notOk(results)).toEqual([]);
  });
});
