// The consent pages themselves: sign in, second factor, consent, and what is shown when there is nothing to go on with.
import type { AuthorizationRequest } from '../authorization-request.ts';
import type { ChallengeMethod, Step } from './flow.ts';
import { type Html, html } from './html.ts';
import type { Texts } from './texts.ts';

export interface Shown {
  readonly texts: Texts;
  readonly request: AuthorizationRequest;
  /** The flow, sealed: a hidden field of the form. */
  readonly sealed: string;
  /** What was wrong with what the user sent before, in words. */
  readonly fault?: string | undefined;
  /** What the user typed as the address. */
  readonly email?: string | undefined;
}

export interface PageContent {
  readonly title: string;
  readonly content: Html;
}

export function pageFor(step: Step, shown: Shown): PageContent {
  switch (step.name) {
    case 'sign-in':
      return signInPage(shown);
    case 'second-factor':
      return secondFactorPage(shown, step.methods);
    case 'consent':
      return consentPage(shown, step.email);
  }
}

export function faultPage(texts: Texts, message: string): PageContent {
  return { title: texts.fault, content: html`<h1>${texts.fault}</h1><p role="alert">${message}</p>` };
}

// A form without an action goes to where the page is, under whatever path that may be.
function form({ sealed }: Shown, fields: Html, buttons: Html): Html {
  return html`<form method="post">
<input type="hidden" name="flow" value="${sealed}">
${fields}
<div>${buttons}</div>
</form>`;
}

function alert(fault: string | undefined): Html | undefined {
  return fault === undefined ? undefined : html`<p role="alert">${fault}</p>`;
}

/** Enter in a field presses the first button. */
function buttons(texts: Texts, main: string): Html {
  return html`<button class="main" name="action" value="go-on">${main}</button>
<button name="action" value="deny" formnovalidate>${texts.cancel}</button>`;
}

function signInPage(shown: Shown): PageContent {
  const { texts, request, fault, email = '' } = shown;
  const fields = html`
<label for="email">${texts.email}</label>
<input id="email" name="email" type="email" autocomplete="username" maxlength="256" required value="${email}">
<label for="password">${texts.password}</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="1000" required>`;
  const content = html`<h1>${texts.signIn}</h1>
<p>${texts.signInFor(request.client.name)}</p>
${alert(fault)}${form(shown, fields, buttons(texts, texts.signIn))}`;
  return { title: texts.signIn, content };
}

function secondFactorPage(shown: Shown, methods: readonly ChallengeMethod[]): PageContent {
  const { texts, fault } = shown;
  const usable = methods.filter(({ type }) => type !== 'PASSKEY');
  const heading = html`<h1>${texts.secondFactor}</h1>`;
  if (usable.length === 0) {
    const cancel = html`<button name="action" value="deny">${texts.cancel}</button>`;
    const content = html`${heading}<p role="alert">${texts.passkeyOnly}</p>${form(shown, html``, cancel)}`;
    return { title: texts.secondFactor, content };
  }
  const fields = html`${methodChoice(texts, usable)}
<label for="code">${texts.code}</label>
<input id="code" name="code" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" maxlength="100" required>`;
  const content = html`${heading}
<p>${texts.secondFactorHint}</p>
${alert(fault)}${form(shown, fields, buttons(texts, texts.goOn))}`;
  return { title: texts.secondFactor, content };
}

function methodChoice(texts: Texts, methods: readonly ChallengeMethod[]): Html {
  const [first, ...others] = methods;
  if (first !== undefined && others.length === 0) return html`<input type="hidden" name="method" value="${first.id}">`;
  const choices = methods.map(({ id, type, name }) => {
    const kind = type === 'TOTP' ? texts.totp : texts.recoveryCode;
    const checked = id === first?.id ? html` checked` : undefined;
    return html`<label><input type="radio" name="method" value="${id}"${checked}> ${name === null ? kind : `${kind}: ${name}`}</label>`;
  });
  return html`<fieldset><legend>${texts.method}</legend>${choices}</fieldset>`;
}

function consentPage(shown: Shown, email: string): PageContent {
  const { texts, request, fault } = shown;
  const { name, description } = request.client;
  const title = texts.consent(name);
  const choice = html`<button class="main" name="action" value="allow">${texts.allow}</button>
<button name="action" value="deny">${texts.deny}</button>`;
  const content = html`<h1>${title}</h1>
<p>${description}</p>
<p>${texts.consentMeans}</p>
${alert(fault)}
<p class="quiet">${texts.signedInAs(email)} ${texts.sentTo(placeOf(request.redirectUri))}</p>
${form(shown, html``, choice)}`;
  return { title, content };
}

/** The host, or for an app of a phone or computer its scheme. */
function placeOf(redirectUri: string): string {
  const { host, protocol } = new URL(redirectUri);
  return /^https?:$/.test(protocol) ? host : protocol;
}
