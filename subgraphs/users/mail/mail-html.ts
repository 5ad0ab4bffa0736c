// The HTML of a mail, made from the parts of its text: paragraphs, line breaks, links. Nothing else ever gets in.
import { escapeHtml } from '../../../platform/html.ts';
import type { Part } from './fill-template.ts';

const styles = {
  body: 'margin:0;padding:24px 16px;background:#ffffff;color:#1f2933;font:16px/1.5 Helvetica,Arial,sans-serif',
  page: 'max-width:36em;margin:0 auto',
  paragraph: 'margin:0 0 16px',
  link: 'color:#0b5cad;word-break:break-all',
  secret: 'font:bold 18px/1.5 Consolas,Menlo,monospace;word-break:break-all',
};

export interface HtmlOptions {
  readonly title: string;
  /** Two letters. */
  readonly language: string;
}

export function mailHtml(parts: readonly Part[], { title, language }: HtmlOptions): string {
  const paragraphs = joinText(parts)
    .map(partHtml)
    .join('')
    .split(/\n[^\S\n]*(?:\n[^\S\n]*)+/)
    .map((paragraph) => paragraph.trim().replaceAll('\n', '<br>\n'))
    .filter((paragraph) => paragraph !== '')
    .map((paragraph) => `<p style="${styles.paragraph}">${paragraph}</p>`);
  return [
    '<!doctype html>',
    `<html lang="${escapeHtml(language.toLowerCase())}">`,
    `<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title></head>`,
    `<body style="${styles.body}">`,
    `<div style="${styles.page}">`,
    ...paragraphs,
    '</div>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** Text that lies side by side becomes one, and so does a secret at the end of an address that an operator has written. */
function joinText(parts: readonly Part[]): Part[] {
  const joined: Part[] = [];
  for (const part of parts) {
    const before = joined.at(-1);
    const continues =
      before?.kind === 'text' && (part.kind === 'text' || (part.kind === 'secret' && openAddress.test(before.value)));
    if (continues) joined.splice(-1, 1, { kind: 'text', value: before.value + part.value });
    else joined.push(part);
  }
  return joined;
}

const openAddress = /https?:\/\/[^\s<>"']*$/;
const address = /(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]}])/;

function partHtml({ kind, value }: Part): string {
  switch (kind) {
    case 'name':
      return escapeHtml(value);
    case 'secret':
      return `<span style="${styles.secret}">${escapeHtml(value)}</span>`;
    case 'link':
      return /^https?:\/\//.test(value) ? linkHtml(value) : escapeHtml(value);
    case 'text':
      return value
        .split(address)
        .map((piece, index) => (index % 2 === 1 ? linkHtml(piece) : escapeHtml(piece)))
        .join('');
  }
}

function linkHtml(url: string): string {
  return `<a href="${escapeHtml(url)}" style="${styles.link}">${escapeHtml(url)}</a>`;
}
