// The pages at /dev/mail, as HTML that needs nothing else: no script, no file, no other host.
import { escapeHtml } from '../../../platform/html.ts';
import type { OutboxMailModel } from '../models.ts';

export const outboxPath = '/dev/mail';
/** How many the list shows. */
export const mostListed = 100;
const refreshSeconds = 5;

/** The newest mails; it loads itself again, so that one that comes is seen. */
export function outboxListPage(mails: readonly OutboxMailModel[]): string {
  const rows = mails.map(
    ({ id, to, subject, createdAt }) => `<li><a href="${outboxPath}/${escapeHtml(id)}">
<span class="subject">${escapeHtml(subject)}</span>
<span class="facts">To ${escapeHtml(to)} · ${time(createdAt)}</span>
</a></li>`,
  );
  const list =
    rows.length === 0
      ? '<p class="empty">No mail yet. What would have been sent appears here by itself.</p>'
      : `<ol class="mails">${rows.join('\n')}</ol>`;
  return page({
    title: 'Mail that was not sent',
    head: `<meta http-equiv="refresh" content="${refreshSeconds}">`,
    body: `<h1>Mail that was not sent</h1>
<p class="facts">The newest ${mostListed} at most. No SMTP server took them: set <code>SMTP_URL</code> to send mail.</p>
${list}`,
  });
}

/** One mail: its HTML as a mail program shows it, shut in, beside its text. */
export function outboxMailPage({ to, subject, text, html, createdAt }: OutboxMailModel): string {
  // Without scripts, forms or an origin. Links may open in a tab of their own: following them is what one comes for.
  const shown = `<base target="_blank">${html}`;
  return page({
    title: subject,
    head: '',
    body: `<p><a href="${outboxPath}">← All mail</a></p>
<h1>${escapeHtml(subject)}</h1>
<p class="facts">To ${escapeHtml(to)} · ${time(createdAt)}</p>
<div class="sides">
<section><h2>HTML</h2>
<iframe title="The mail as HTML" sandbox="allow-popups allow-popups-to-escape-sandbox" referrerpolicy="no-referrer" srcdoc="${escapeHtml(shown)}"></iframe></section>
<section><h2>Text</h2>
<pre>${escapeHtml(text)}</pre></section>
</div>`,
  });
}

export function noMailPage(): string {
  return page({
    title: 'No such mail',
    head: '',
    body: `<p><a href="${outboxPath}">← All mail</a></p>
<h1>No such mail</h1>
<p class="facts">Only the newest 1,000 are kept.</p>`,
  });
}

function time(moment: Date): string {
  const iso = moment.toISOString();
  return `<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC</time>`;
}

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; --line: #8884; --quiet: #767b85; --link: #0b5cad; }
@media (prefers-color-scheme: dark) { :root { --quiet: #9aa1ad; --link: #7db7f0; } }
body { max-width: 72rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: .9rem; color: var(--quiet); margin: 0 0 .5rem; }
a { color: var(--link); }
code, pre { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: .9em; }
.facts, .empty { color: var(--quiet); overflow-wrap: anywhere; }
.facts { font-size: .9rem; margin: 0 0 1.5rem; }
.mails { list-style: none; margin: 0; padding: 0; border-top: 1px solid var(--line); }
.mails li { border-bottom: 1px solid var(--line); }
.mails a { display: block; padding: .75rem .5rem; text-decoration: none; }
.mails a:hover, .mails a:focus-visible { background: #8881; }
.mails .subject { display: block; font-weight: 600; overflow-wrap: anywhere; }
.mails .facts { margin: 0; }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1.5rem; }
iframe, pre { box-sizing: border-box; width: 100%; min-height: 32rem; margin: 0; border: 1px solid var(--line); border-radius: 6px; }
iframe { background: #fff; }
pre { padding: 1rem; white-space: pre-wrap; overflow-wrap: anywhere; }
`;

interface PageContent {
  readonly title: string;
  readonly head: string;
  readonly body: string;
}

function page({ title, head, body }: PageContent): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${head}
<title>${escapeHtml(title)} · Caregraph</title>
<style>${style}</style>
</head>
<body>
${body}
</body>
</html>
`;
}
