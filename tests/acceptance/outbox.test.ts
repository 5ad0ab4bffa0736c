// Mail without a mail server, on every shape: a developer who runs everything reads it, nobody else does.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createGraphqlClient, type GraphqlClient, signIn } from '../support/graphql-client.ts';
import type { Shape } from '../support/shapes.ts';
import { describeOnEachShape } from '../support/shapes.ts';

const outbox = 'query ($to: String) { outbox(to: $to) { id subject text } }';
const register = 'mutation ($input: RegisterUserInput!) { registerUser(input: $input) { user { id } } }';

describeOnEachShape('mail without a mail server', (start) => {
  let shape: Shape;
  let admin: GraphqlClient;

  beforeAll(async () => {
    shape = await start();
    admin = await signIn(shape.url, shape.admin.email, shape.admin.password);
  }, 300_000);
  afterAll(() => shape?.close());

  test('is read by a developer who runs everything in one process, and by nobody elsewhere', async () => {
    const email = `ann.${Date.now()}@example.org`;
    const person = { email, firstName: 'Ann', lastName: 'Other', password: 'Correct-Horse-1', phoneNumber: '1' };
    await createGraphqlClient(shape.url).run(register, { input: person });
    if (shape.services !== undefined) {
      expect((await admin.ask(outbox)).errors?.map(({ extensions }) => extensions.code)).toEqual(['ILLEGAL_STATE']);
      for (const url of [shape.url, shape.services.urlOf('users')]) {
        expect((await fetch(`${url}/dev/mail`)).status).toBe(404);
      }
      return;
    }
    const mail = await mailTo(email);
    expect(mail.text).toMatch(/\b[0-9a-f]{40}\b/);
    const list = await fetch(`${shape.url}/dev/mail`);
    expect([list.status, await list.text()]).toEqual([200, expect.stringContaining(`/dev/mail/${mail.id}`)]);
    const page = await fetch(`${shape.url}/dev/mail/${mail.id}`);
    expect(await page.text()).toContain(mail.subject);
    const proxied = await fetch(`${shape.url}/dev/mail/${mail.id}`, { headers: { 'x-forwarded-for': '192.0.2.1' } });
    expect(proxied.status).toBe(403);
  }, 300_000);

  async function mailTo(to: string): Promise<{ id: string; subject: string; text: string }> {
    for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
      const found = (await admin.run(outbox, { to })).outbox;
      if (found.length > 0) return found[0];
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`No mail to ${to} came into the outbox`);
  }
});
