// GET /dev/mail and /dev/mail/<id>: mail that was not sent, for the developer at this machine and nobody else. Whether
// the routes are there at all is decided where the service is built.
import type { FastifyInstance, FastifyReply } from 'fastify';
import { AppError } from '../../../platform/errors.ts';
import { isId } from '../../../platform/ids.ts';
import { comesFromHere } from './comes-from-here.ts';
import { mostListed, noMailPage, outboxListPage, outboxMailPage, outboxPath } from './outbox-page.ts';
import type { OutboxDb } from './store.ts';
import { findOutboxMail, findOutboxMails } from './store.ts';

export function registerOutboxPage(app: FastifyInstance, db: OutboxDb): void {
  app.register(async (routes) => {
    routes.addHook('onRequest', async (request, reply) => {
      reply.headers(safeHeaders);
      // Not `request.ip`, which a server that trusts proxies takes from a header.
      const here = comesFromHere({ address: request.socket.remoteAddress, headers: request.headers });
      if (!here) throw new AppError('FORBIDDEN', 'This page can be read on the machine itself only, at localhost.');
    });
    routes.get(outboxPath, async (_request, reply) =>
      sendPage(reply, outboxListPage(await findOutboxMails(db, { limit: mostListed }))),
    );
    routes.get(`${outboxPath}/:id`, async (request, reply) => {
      const { id } = request.params as { id: string };
      const mail = isId(id) ? await findOutboxMail(db, id) : null;
      return mail === null ? sendPage(reply.code(404), noMailPage()) : sendPage(reply, outboxMailPage(mail));
    });
  });
}

const safeHeaders = {
  'cache-control': 'no-store',
  // Styles stand in the page and in the mails; a mail in its frame lives under the same policy.
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

function sendPage(reply: FastifyReply, html: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(html);
}
