// The endpoints that applications call themselves: token, revocation, introspection and metadata.
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../../../platform/errors.ts';
import { toAppError } from '../../../../platform/mask-errors.ts';
import type { AuthParts } from '../../auth-parts.ts';
import type { TokenRequest } from './client-credentials.ts';
import { introspectToken } from './introspect-token.ts';
import { serverMetadata } from './metadata.ts';
import { oauthError } from './oauth-errors.ts';
import { readParameters } from './parameters.ts';
import { readForms } from './read-forms.ts';
import { revokeToken } from './revoke-token.ts';
import { answerTokenRequest } from './token-endpoint.ts';

/** Bytes: far more than any request has. */
const bodyLimit = 64 * 1_024;

/** No cache keeps an answer that holds tokens (RFC 6749 §5.1). */
const unstored = { 'cache-control': 'no-store', pragma: 'no-cache' } as const;

type Answer = (parts: AuthParts, request: TokenRequest, now: number) => Promise<Record<string, unknown> | undefined>;

export function registerEndpoints(app: FastifyInstance, parts: AuthParts): void {
  app.get('/.well-known/oauth-authorization-server', () => serverMetadata(parts.config.publicUrl ?? ''));

  app.register(async (routes) => {
    await readForms(routes);
    routes.setErrorHandler((error, request, reply) => refuse(error as FastifyError, { request, reply, parts }));

    const endpoint = (url: string, answer: Answer) =>
      routes.post(url, { bodyLimit }, async (request, reply) => {
        reply.headers(unstored);
        const { authorization } = request.headers;
        const parameters = readParameters(request.body);
        const body = await answer(parts, { parameters, authorization }, parts.clock());
        return reply.code(200).send(body);
      });
    endpoint('/oauth2/token', answerTokenRequest);
    endpoint('/oauth2/introspect', introspectToken);
    endpoint('/oauth2/revoke', async (...asked) => {
      await revokeToken(...asked);
      return undefined;
    });
  });
}

interface Refused {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly parts: AuthParts;
}

function refuse(error: FastifyError, { request, reply, parts }: Refused): FastifyReply {
  // What is too large is refused by the server, which first takes in what is still being sent.
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') throw error;
  const basic = /^Basic\b/i.test(request.headers.authorization ?? '');
  const { status, body } = oauthError(fromFastify(error) ?? toAppError(error, parts.log), basic);
  if (status === 401 && basic) reply.header('www-authenticate', 'Basic realm="Caregraph", charset="UTF-8"');
  return reply.code(status).headers(unstored).send(body);
}

/** A body that cannot be read. */
function fromFastify(error: FastifyError): AppError | undefined {
  if (error instanceof AppError || error.statusCode === undefined || error.statusCode >= 500) return undefined;
  if (error.code === 'FST_ERR_CTP_EMPTY_JSON_BODY') {
    return new AppError('BAD_REQUEST', 'The request body is empty.', { code: 13 });
  }
  return new AppError('BAD_REQUEST', 'The request body must be a form or a JSON object.', { code: 22 });
}
