/** The parts that several views are made of. */
import { CAUSES } from '../../functions/incidents/contract/causes.ts';
import { counted, dateTimeText } from '../../functions/shared/texts.ts';
import type { DeployRow, DeployView } from '../deploys.ts';
import { announce, type Child, h, setText } from './dom.ts';
import { pageHref, untilText } from './format.ts';

export const STATE_WORDS: Readonly<Record<string, string>> = { INSUFFICIENT_DATA: 'no data' };

/** Why an alarm is in its state, in CloudWatch's words but for a new one's, which nobody understands. */
export const reasonText = (reason: string): string => reason.replace(/^Unchecked: .*/, 'not evaluated since it was created');

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

/** The title of a page, and what is next to it. */
export const heading = (title: string, ...more: Child[]): HTMLElement => h('div', { class: 'head' }, h('h1', {}, title), ...more);

/** Short names and values next to each other. */
export const factStrip = (pairs: readonly Fact[]): HTMLElement =>
  h('dl', { class: 'strip' }, ...pairs.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))));

/** A narrower table is always cards: its sentences would be columns of words. */
const CARDS_PX = 560;

/** A line without height in a box, as wide as that: what is wider than its box becomes cards, or shows that it scrolls. The box itself would be observed in vain: this changes its height. */
export function ruler(box: HTMLElement): HTMLElement {
  const line = h('div');
  new ResizeObserver(() => {
    box.classList.remove('cards', 'cut');
    box.classList.toggle('cards', box.clientWidth < CARDS_PX || box.scrollWidth > box.clientWidth);
    box.classList.toggle('cut', box.scrollWidth > box.clientWidth);
  }).observe(line);
  return line;
}

/** Tables with more rows have a filter. */
const LONG = 12;
/** An id, a moment, a badge: other texts continue on the next line where their column is narrow. */
const isShort = (text: string): boolean => text.length <= 20 || !text.includes(' ');

const textOf = (content: Child): string => (content instanceof Node ? content.textContent : String(content || '')) ?? '';

/** A field that leaves the rows with all its words. */
function rowFilter(key: string, caption: string): HTMLElement {
  const count = h('span', { class: 'faint' });
  const input = h('input', { type: 'search', 'data-key': `filter-${key}`, 'aria-label': `Filter: ${caption}` });
  input.addEventListener('input', () => {
    const words = input.value.toLowerCase().split(/\s+/);
    const rows = [...(input.closest('.filtered')?.querySelectorAll<HTMLElement>('tbody tr') ?? [])];
    for (const row of rows) row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
    const text = input.value === '' ? '' : `${rows.filter((row) => !row.hidden).length} of ${rows.length} rows`;
    setText(input.nextElementSibling ?? count, text);
    if (text !== '') announce(text);
  });
  return h('label', { class: 'filter' }, 'Filter', input, count);
}

/** A table. Where it is too wide each row is a card, in which a cell has its column's name. @param numeric columns that are aligned to the right */
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
        class: numeric.includes(column) ? 'number' : isShort(textOf(content)) && 'short',
        // A style sheet that makes cards of rows takes their own roles away.
        ...(tag === 'th' ? { scope: 'col', role: 'columnheader' } : { role: 'cell', 'data-label': head[column] }),
      },
      content,
    );
  const box = h(
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
  box.prepend(ruler(box));
  return rows.length > LONG ? h('div', { class: 'filtered' }, rowFilter(key, caption), box) : box;
}

/** A sentence in which each page of the documentation is a link, and what the runbook has about it is “What to do”. */
export const linked = (text: string): HTMLElement =>
  h(
    'span',
    {},
    ...text
      .replaceAll(/[;,] see (?=docs\/runbook\/\S+#)/g, '. ')
      .split(/\bdocs\/([a-z-/]+\.md(?:#[a-z0-9-]+)?)/)
      .map((part, at) => (at % 2 === 0 ? part : pageLink(part))),
  );

const pageLink = (page: string): HTMLElement =>
  h('a', { href: pageHref(page), 'data-key': page }, /^runbook\/.*#/.test(page) ? 'What to do' : `docs/${page}`);

const CAUSE_NAMES: ReadonlySet<string> = new Set(Object.values(CAUSES).flat());

/** `store-down (likely)`: a cause leads to what is known of it. Other findings are words. */
export function causeLink(finding: string): Child {
  const [cause = '', ...more] = finding.split(/(?= )/);
  if (finding === 'unknown') return 'unknown: what is missing is on its page';
  return !CAUSE_NAMES.has(cause)
    ? finding
    : h('span', {}, h('a', { href: `#/runbook/${cause}`, 'data-key': `cause-${cause}` }, cause), ...more);
}

/** What would be here, and what makes it so. */
export const quiet = (content: Child): HTMLElement => h('p', { class: 'quiet' }, content);

/** Content that is one click away. */
export const folded = (key: string, title: string, ...content: Child[]): HTMLElement =>
  h('details', { 'data-key': key }, h('summary', { 'data-key': `${key}-summary` }, title), ...content);

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
