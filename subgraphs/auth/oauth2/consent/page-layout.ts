// The frame of every consent page, and the headers that keep it from being framed, cached, scripted or leaked.
import { createHash } from 'node:crypto';
import { Html, html } from './html.ts';
import type { Language } from './texts.ts';

const style = `
:root { color-scheme: light dark; --accent: #0b5cad; --line: #8a949e; --fault: #b3261e }
@media (prefers-color-scheme: dark) { :root { --accent: #8ec2f5; --fault: #ffb4ab } }
* { box-sizing: border-box }
body { margin: 0; padding: 1.5rem 1rem; font: 1rem/1.5 system-ui, sans-serif; display: flex; justify-content: center }
main { width: 100%; max-width: 26rem }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 1rem 0 .25rem; overflow-wrap: anywhere }
p { margin: .5rem 0; overflow-wrap: anywhere }
label, legend { display: block; margin-top: 1rem; padding: 0; font-weight: 600 }
fieldset { border: 0; margin: 0; padding: 0 }
fieldset label { font-weight: 400; margin-top: .25rem }
input:not([type=radio]) { display: block; width: 100%; font: inherit; padding: .6rem .7rem; margin-top: .25rem;
  border: 1px solid var(--line); border-radius: .4rem }
button { font: inherit; font-weight: 600; padding: .6rem 1.2rem; margin: 1.5rem .75rem 0 0; cursor: pointer;
  border: 1px solid var(--accent); border-radius: .4rem; background: none; color: var(--accent) }
button.main { background: var(--accent); color: Canvas }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
[role=alert] { border-left: 4px solid var(--fault); padding: .25rem .75rem; color: var(--fault); font-weight: 600 }
.quiet { opacity: .8 }
`;

/** Built once: the content policy knows the style by the digest of these very bytes. */
const styleElement = new Html(`<style>${style}</style>`);
const styleDigest = createHash('sha256').update(style).digest('base64');

export interface Page {
  readonly language: Language;
  readonly title: string;
  readonly content: Html;
}

export function renderPage({ language, title, content }: Page): string {
  const page = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
${styleElement}
</head>
<body><main>${content}</main></body>
</html>
`;
  return page.markup;
}

/** On every answer of the consent pages, redirects included. */
export const pageHeaders = {
  'cache-control': 'no-store',
  pragma: 'no-cache',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  vary: 'accept-language, cookie',
} as const;

/**
 * No scripts, nothing from anywhere. Forms go here, and by redirect to the application: browsers hold redirects against
 * `form-action`, too, and those that the application itself makes after that, to whatever host; hence its scheme.
 */
export function contentPolicy(redirectUri: string | undefined): string {
  const scheme = redirectUri === undefined ? '' : ` ${new URL(redirectUri).protocol}`;
  return [
    "default-src 'none'",
    `style-src 'sha256-${styleDigest}'`,
    `form-action 'self'${scheme}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
}
