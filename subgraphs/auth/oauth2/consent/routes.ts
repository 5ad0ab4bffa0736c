// The authorization endpoint (RFC 6749 §3.1): the pages on which a user signs in and agrees. Without scripts, so that
// they work everywhere and nothing can be slipped into them.
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { invariant } from '../../../../platform/errors.ts';
import { toAppError } from '../../../../platform/mask-errors.ts';
import { createSealing } from '../../../../platform/sealing.ts';
import type { AuthParts } from '../../auth-parts.ts';
import type { AuthorizationRequest } from '../authorization-request.ts';
import { readParameters } from '../endpoints/parameters.ts';
import { readForms } from '../endpoints/read-forms.ts';
import { readRequest, requireSameRequest } from './asked-for.ts';
import { browserCookie, endedCookie, findBrowser } from './browser-cookie.ts';
import { createFlows, type Flow, type Flows, newBrowser } from './flow.ts';
import { type Fault, faultText } from './page-faults.ts';
import { contentPolicy, pageHeaders, renderPage } from './page-layout.ts';
import { faultPage, type PageContent, pageFor } from './pages.ts';
import { takeStep } from './take-step.ts';
import { languageFor, type Texts, texts } from './texts.ts';

const path = '/oauth2/authorize';
/** Bytes: a sealed flow has a few thousand. */
const bodyLimit = 64 * 1_024;

export function registerConsentPages(app: FastifyInstance, parts: AuthParts): void {
  const { config, log } = parts;
  invariant(config.serviceSecret !== undefined, 'a process has its secret before it builds services');
  // A purpose of its own: what is sealed for the database must not pass for a flow.
  const flows = createFlows(createSealing(config.serviceSecret, 'auth consent'));
  const visit = { flows, secure: config.publicUrl?.startsWith('https:') === true };

  app.register(async (routes) => {
    await readForms(routes);
    routes.addHook('onRequest', async (_request, reply) => {
      reply.headers(pageHeaders);
    });
    routes.setErrorHandler((error, request, reply) => {
      const shown = shownFault(error as FastifyError, textsFor(request), log);
      return sendPage({ request, reply }, shown.status, faultPage(textsFor(request), shown.message));
    });

    routes.get(path, async (request, reply) => {
      const asked = await readRequest(parts, queryOf(request));
      if ('location' in asked) return reply.redirect(asked.location, 303);
      const browser = findBrowser(request.headers.cookie, visit.secure) ?? newBrowser();
      const flow: Flow = { asked: asked.asked, step: { name: 'sign-in' } };
      const answer = { flow, authorization: asked.request, browser, now: parts.clock() };
      return sendStep({ request, reply }, visit, answer);
    });

    routes.post(path, { bodyLimit }, async (request, reply) => {
      const now = parts.clock();
      const fields = readParameters(request.body);
      const browser = findBrowser(request.headers.cookie, visit.secure);
      const sealed = fields.get('flow') ?? '';
      const flow = browser === undefined || isForged(request) ? null : flows.open(sealed, browser, now);
      if (browser === undefined || flow === null) {
        const words = textsFor(request);
        return sendPage({ request, reply }, 400, faultPage(words, words.startAgain));
      }
      const authorization = await requireSameRequest(parts, flow.asked);
      const outcome = await takeStep(parts, { step: flow.step, request: authorization, fields, now });
      if ('location' in outcome) {
        // Who comes to this browser next must not go back to a page on which somebody else has signed in.
        return reply.header('set-cookie', endedCookie(visit.secure)).redirect(outcome.location, 303);
      }
      const { step, ...told } = outcome;
      return sendStep({ request, reply }, visit, { flow: { ...flow, step }, authorization, browser, now, ...told });
    });
  });
}

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

interface Visit {
  readonly flows: Flows;
  /** Clients reach the gateway over HTTPS. */
  readonly secure: boolean;
}

interface StepAnswer {
  readonly flow: Flow;
  readonly authorization: AuthorizationRequest;
  readonly browser: string;
  readonly now: number;
  readonly fault?: Fault;
  readonly email?: string | undefined;
}

function sendStep(exchange: Exchange, { flows, secure }: Visit, answer: StepAnswer): FastifyReply {
  const { flow, authorization, browser, now, fault, email } = answer;
  const words = textsFor(exchange.request);
  const page = pageFor(flow.step, {
    texts: words,
    request: authorization,
    sealed: flows.seal(flow, browser, now),
    fault: fault === undefined ? undefined : faultText(words, fault),
    email,
  });
  exchange.reply.header('set-cookie', browserCookie(browser, secure));
  return sendPage(exchange, fault?.status ?? 200, page, authorization.redirectUri);
}

/** `redirectUri`: where the forms of the page may lead. */
function sendPage({ request, reply }: Exchange, status: number, page: PageContent, redirectUri?: string): FastifyReply {
  const language = languageFor(request.headers['accept-language']);
  return reply
    .code(status)
    .header('content-security-policy', contentPolicy(redirectUri))
    .type('text/html; charset=utf-8')
    .send(renderPage({ language, ...page }));
}

/** Browsers say where a form came from. The cookie says it, too; this does not hang on how cookies are kept. */
function isForged({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin';
}

function textsFor({ headers }: FastifyRequest): Texts {
  return texts[languageFor(headers['accept-language'])];
}

interface ShownFault {
  readonly status: number;
  readonly message: string;
}

function shownFault(error: FastifyError, words: Texts, log: AuthParts['log']): ShownFault {
  // What is too large is refused by the server, which first takes in what is still being sent.
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') throw error;
  if (error.statusCode !== undefined && error.statusCode < 500) return { status: 400, message: words.startAgain };
  const { code, http, details } = toAppError(error, log);
  // ILLEGAL_STATE: an application of OAuth 1, which has no business here.
  if (code === 'CLIENT_UNKNOWN' || code === 'ILLEGAL_STATE') return { status: 400, message: words.unknownApplication };
  if (code === 'CALLBACK_NOT_VALID' || details?.field === 'redirect_uri') {
    return { status: 400, message: words.badAddress };
  }
  return http < 500 ? { status: 400, message: words.startAgain } : { status: http, message: words.failed };
}

function queryOf({ raw }: FastifyRequest): URLSearchParams {
  const url = raw.url ?? '';
  const start = url.indexOf('?');
  return new URLSearchParams(start < 0 ? '' : url.slice(start + 1));
}
