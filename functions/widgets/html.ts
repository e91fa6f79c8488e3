/** What widgets are made of. Tables and links have CloudWatch's own style; colours are ours, one set a theme. Pure. */
import type { Viewer } from './contract.ts';

/** Text that is HTML already: every part of it that came from outside is escaped. */
export interface Html {
  readonly html: string;
}

export type Tone = 'well' | 'bad' | 'busy' | 'quiet';

/** Readable on the panels of CloudWatch's themes, white and #192534: 4.5 to 1 at least, as WCAG asks of text. */
export const COLOURS: Readonly<Record<Viewer['theme'], Readonly<Record<Tone | 'text', string>>>> = {
  light: { text: '#16191f', well: '#1a7a02', bad: '#c7310f', busy: '#0762b8', quiet: '#5a6672' },
  dark: { text: '#e9ebed', well: '#7fc544', bad: '#ff8a80', busy: '#7ab8f0', quiet: '#a8b4c0' },
};

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] as string);

/** Tagged template: every value is escaped, unless it is {@link Html}; lists are joined. */
export function html(parts: TemplateStringsArray, ...values: readonly (string | number | Html | readonly Html[])[]): Html {
  const written = values.map((value) => {
    if (typeof value === 'string' || typeof value === 'number') return escaped(String(value));
    return Array.isArray(value) ? value.map((one: Html) => one.html).join('') : (value as Html).html;
  });
  return { html: parts.reduce((text, part, at) => `${text}${part}${written[at] ?? ''}`, '') };
}

export const toned = (viewer: Viewer, tone: Tone, text: string): Html =>
  html`<span style="color:${COLOURS[viewer.theme][tone]}">${text}</span>`;

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
