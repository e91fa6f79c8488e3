/** The HTML of widgets. CloudWatch styles tables and links; the colours are Holdfast's, one set per theme. Pure. */
import { escapeMarkup } from '../shared/escape-markup.ts';
import { printable } from '../shared/foreign-text.ts';
import type { Viewer } from './contract.ts';

/** HTML text in which every value from outside is escaped, and steers nothing. */
export type Html = { readonly html: string };

export type Tone = 'good' | 'bad' | 'busy' | 'quiet';

/** A contrast of at least 4.5 to 1, as WCAG requires for text, on the panels of CloudWatch's themes: white and #192534. */
export const COLOURS: Readonly<Record<Viewer['theme'], Readonly<Record<Tone | 'text', string>>>> = {
  light: { text: '#16191f', good: '#1a7a02', bad: '#c7310f', busy: '#0762b8', quiet: '#5a6672' },
  dark: { text: '#e9ebed', good: '#7fc544', bad: '#ff8a80', busy: '#7ab8f0', quiet: '#a8b4c0' },
};

/** Tagged template: escapes every value that is not {@link Html}, and joins lists. */
export function html(parts: TemplateStringsArray, ...values: readonly (string | number | Html | readonly Html[])[]): Html {
  const written = values.map((value) => {
    if (typeof value === 'string' || typeof value === 'number') return escapeMarkup(printable(String(value)));
    return Array.isArray(value) ? value.map((one: Html) => one.html).join('') : (value as Html).html;
  });
  return { html: parts.reduce((text, part, at) => `${text}${part}${written[at] ?? ''}`, '') };
}

export const toned = (viewer: Viewer, tone: Tone, text: string): Html =>
  html`<span style="color:${COLOURS[viewer.theme][tone]}">${text}</span>`;

/** Text that stays on one line. */
export const unbroken = (text: string | Html): Html => html`<span style="white-space:nowrap">${text}</span>`;

export function table(viewer: Viewer, head: readonly string[], rows: readonly (readonly (string | Html)[])[]): Html {
  const cells = rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`);
  return framed(
    viewer,
    html`<table style="width:100%"><thead><tr>${head.map((title) => html`<th>${title}</th>`)}</tr></thead><tbody>${cells}</tbody></table>`,
  );
}

export const sentence = (viewer: Viewer, text: string): Html => framed(viewer, html`<p>${text}</p>`);

const framed = ({ locale, theme }: Viewer, inner: Html): Html =>
  html`<div lang="${locale}" style="color:${COLOURS[theme].text}">${inner}</div>`;

/** `Nov 20, 2026, 18:05:09`, in the dashboard's time zone. */
export const timeText = ({ locale, offset }: Viewer, atMs: number): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23', timeZone: offset }).format(atMs);

export const countText = ({ locale }: Viewer, count: number): string => count.toLocaleString(locale);

/** The time zone of a column: `UTC+02:00`. */
export const zoneText = ({ offset }: Viewer): string => (offset === '+00:00' || offset === '-00:00' ? 'UTC' : `UTC${offset}`);
