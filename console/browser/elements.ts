/** The parts that several views are made of. */
import { counted } from '../../functions/shared/counted.ts';
import { dateTimeText } from '../../functions/shared/times.ts';
import type { DeployRow, DeployView } from '../deploys.ts';
import { type Child, h } from './dom.ts';
import { untilText } from './format.ts';

export const STATE_WORDS: Readonly<Record<string, string>> = { INSUFFICIENT_DATA: 'no data' };

const TONES: Readonly<Record<string, string>> = {
  OK: 'ok',
  SUCCEEDED: 'ok',
  ALARM: 'bad',
  FAILED: 'bad',
  ABORTED: 'bad',
  TIMED_OUT: 'bad',
  RUNNING: 'busy',
  WARNED: 'warn',
};
const MARKS: Readonly<Record<string, string>> = { ok: '✓', bad: '!', warn: '!', busy: '▸', quiet: '–' };

/** A state as a mark and words, because color alone is not accessible. */
export function stateBadge(state: string, words: string = STATE_WORDS[state] ?? state): HTMLElement {
  const tone = TONES[state] ?? 'quiet';
  return h('span', { class: `state ${tone}` }, h('span', { class: 'mark', 'aria-hidden': 'true' }, MARKS[tone]), ` ${words}`);
}

/** A deploy's status: that one waits for a decision, and warnings of one that succeeded, are seen as well. */
export function deployBadge({
  status,
  outcome,
  warnings = [],
  waiting,
}: Pick<DeployRow, 'status' | 'outcome' | 'warnings'> & Pick<Partial<DeployView>, 'waiting'>): HTMLElement {
  if (waiting) return stateBadge('WARNED', outcome);
  if (status !== 'SUCCEEDED' || warnings.length === 0) return stateBadge(status, outcome);
  const count = `with ${counted(warnings.length, 'warning')}`;
  return stateBadge('WARNED', /warning/.test(outcome) ? outcome : `${outcome}, ${count}`);
}

/** A moment in UTC, with the reader's own time as title. */
export const moment = (atMs: number, text: string = dateTimeText(atMs)): HTMLElement =>
  h('time', { datetime: new Date(atMs).toISOString(), title: `${new Date(atMs).toLocaleString('en-GB')} where you are` }, text);

/** A deadline: how long until then, with the time as title. */
export const deadline = (what: string, atMs: number, nowMs: number = Date.now()): HTMLElement =>
  h('time', { datetime: new Date(atMs).toISOString(), title: `${dateTimeText(atMs)} UTC` }, `${what} ${untilText(atMs - nowMs)}`);

export type Fact = readonly [name: string, value: Child];

/** Names and values, one pair per line. */
export const facts = (pairs: readonly Fact[], more = ''): HTMLElement =>
  h('dl', { class: `facts ${more}` }, ...pairs.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]));

/** Short names and values next to each other. */
export const factStrip = (pairs: readonly Fact[]): HTMLElement =>
  h('dl', { class: 'strip' }, ...pairs.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))));

/** A table; on a telephone each row is a card, in which a cell has its column's name, so that nothing is beyond the edge. @param numeric columns that are aligned to the right */
export function table(
  key: string,
  caption: string,
  head: readonly string[],
  rows: readonly (readonly Child[])[],
  numeric: readonly number[] = [],
): HTMLElement {
  const cell = (tag: 'td' | 'th') => (content: Child, column: number) =>
    h(
      tag,
      {
        class: numeric.includes(column) ? 'number' : undefined,
        // A style sheet that makes cards of rows takes their own roles away.
        ...(tag === 'th' ? { scope: 'col', role: 'columnheader' } : { role: 'cell', 'data-label': head[column] }),
      },
      content,
    );
  return h(
    'div',
    { class: 'wide', tabindex: 0, role: 'region', 'aria-label': caption, 'data-key': key },
    h(
      'table',
      { role: 'table' },
      h('caption', { class: 'visually-hidden' }, caption),
      h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, ...head.map(cell('th')))),
      h('tbody', { role: 'rowgroup' }, ...rows.map((row) => h('tr', { role: 'row' }, ...row.map(cell('td'))))),
    ),
  );
}

/** A command as it is typed: on a narrow page it continues on the next line between words, and never after a hyphen. */
export const command = (text: string): HTMLElement =>
  h('pre', { class: 'command' }, h('code', {}, ...text.split(/( +)/).map((part) => (part.trim() === '' ? part : h('span', {}, part)))));

/** Names with their colors, as text that wraps and can be selected. */
export function legend(label: string, entries: readonly { readonly name: string; readonly color: string }[]): HTMLElement {
  return h(
    'ul',
    { class: 'legend', 'aria-label': label },
    ...entries.map(({ name, color }) => {
      const item = h('li', {}, name);
      item.style.setProperty('--color', color);
      return item;
    }),
  );
}
