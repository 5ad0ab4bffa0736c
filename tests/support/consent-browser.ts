// A browser as far as the consent pages need one: it keeps the cookie, and sends the form of the page that it has.
import type { Answer, OAuth2Service } from './oauth2-service.ts';

export interface ConsentBrowser {
  /** What the last page is, and what came with it. */
  readonly page: Answer;
  /** The cookie that it keeps, as `name=value`; undefined: none. */
  cookie: string | undefined;
  open(query: Record<string, string> | string): Promise<Answer>;
  /** Fills in the form of the page and presses a button. */
  send(fields: Record<string, string>, headers?: Record<string, string>): Promise<Answer>;
  /** The value of the hidden field. */
  readonly flow: string;
}

export function openConsentBrowser(service: Pick<OAuth2Service, 'request'>, language = 'en'): ConsentBrowser {
  let page: Answer = { status: 0, headers: new Headers(), body: '' };
  const keep = (answer: Answer): Answer => {
    page = answer;
    const set = answer.headers.get('set-cookie');
    if (set !== null) browser.cookie = /Max-Age=0/i.test(set) ? undefined : set.split(';', 1)[0];
    return answer;
  };
  const sent = (): Record<string, string> => ({
    'accept-language': language,
    ...(browser.cookie === undefined ? {} : { cookie: browser.cookie }),
  });
  const browser: ConsentBrowser = {
    cookie: undefined,
    get page() {
      return page;
    },
    get flow() {
      return /name="flow" value="([^"]+)"/.exec(page.body)?.[1] ?? '';
    },
    async open(query) {
      return keep(await service.request(`/oauth2/authorize?${new URLSearchParams(query)}`, { headers: sent() }));
    },
    async send(fields, headers = {}) {
      const body = new URLSearchParams({ flow: browser.flow, ...fields });
      return keep(
        await service.request('/oauth2/authorize', { method: 'POST', body, headers: { ...sent(), ...headers } }),
      );
    },
  };
  return browser;
}
