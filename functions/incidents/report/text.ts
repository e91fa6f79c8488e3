/** An incident as text for a terminal, 100 characters wide; commands are on lines of their own and never broken. Pure. */

import { clockText, dateText, dateTimeText } from '../../shared/times.ts';
import { AXIS_LEGEND, axisLines } from './axis.ts';
import { onlyObserved } from './describe-mitigation.ts';
import { firstScreenOf, wrap } from './first-screen.ts';
import type { IncidentPage, Line, Step } from './incident-page.ts';
import { SHOWN_FACTS } from './incident-page.ts';
import { eventRows, shortRows } from './list-events.ts';

export interface TextOptions {
  /** Every fact and event, and the API calls of the mitigations. */
  readonly all?: boolean;
}

export function textOf(page: IncidentPage, { all = false }: TextOptions = {}): string {
  const { incidentId, runbook, about, headline, why, state, affected, facts, gaps, usualGaps, links, report } = page;
  const { steps, facts: shown, laterSteps, laterFacts } = firstScreenOf(page);
  const list = (items: readonly string[]) => items.flatMap((item) => wrap(item, '- '));
  const ofSteps = (some: readonly Step[], from: number) => some.flatMap((step, at) => stepLines(step, from + at));
  const parts: readonly (readonly string[])[] = [
    [...wrap(headline), ...wrap(why), ...(state === '' ? [] : wrap(state))],
    section('WHAT TO DO NOW', ofSteps(steps, 0)),
    section('WHAT SHOWS IT', numbered(shown, 0)),
    [THE_REST],
    section('THEN', ofSteps(laterSteps, steps.length)),
    section('MORE THAT SHOWS IT', all ? numbered(laterFacts, shown.length) : hidden(laterFacts.length)),
    section(`NEW LOG LINES ${page.newLines?.since.toUpperCase()}`, list(page.newLines?.lines ?? [])),
    section('WHO IS AFFECTED', list(affected)),
    section('RULED OUT', bulleted(page.ruledOut, all)),
    section(page.verdict === 'cause' ? 'NOT KNOWN, AND COULD SHOW OTHERWISE' : 'WHAT IS MISSING', bulleted(page.notKnown, all)),
    section('WHAT WAS DONE', doneLines(page, all)),
    section('ALSO', list([...facts, ...page.searched])),
    section(`TIMELINE (UTC, ${dateText(page.timeline.fromMs)})`, timelineLines(page, all)),
    section('NOT READ', list(all ? [...gaps, ...usualGaps] : gaps)),
    section('READ MORE', links),
    [
      `incident ${incidentId}, opened ${dateTimeText(page.openedAtMs)} UTC`,
      `runbook  ${runbook}, ${about}`,
      ...(report ? [`report   ${report.markdownKey}`, `evidence ${report.evidenceKey}`, `SHA-256  ${report.evidenceSha256}`] : []),
    ],
  ];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

/** The line after which nobody has to read who is in a hurry. */
export const THE_REST = '-------- the rest --------';

const section = (title: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : [title, ...lines]);

const lineText = ({ text, source }: Line): string => (source ? `${text} (${source})` : text);

const numbered = (lines: readonly Line[], from: number): string[] =>
  lines.flatMap((line, at) => wrap(lineText(line), `${from + at + 1}. `));

function bulleted(lines: readonly Line[], all: boolean): string[] {
  const shown = all ? lines : lines.slice(0, SHOWN_FACTS);
  return [...shown.flatMap((line) => wrap(lineText(line), '- ')), ...hidden(lines.length - shown.length)];
}

const hidden = (count: number): string[] => (count > 0 ? [`   ${count} more: --all shows ${count === 1 ? 'it' : 'them'}`] : []);

function doneLines({ done, doneSummary }: IncidentPage, all: boolean): string[] {
  if (!all && onlyObserved(done)) return doneSummary.flatMap((line) => wrap(line));
  return [
    ...doneSummary.flatMap((line) => wrap(line)),
    ...done.flatMap((one) => [...wrap(one.text, '- '), ...(all ? one.calls.map((call) => `    ${call}`) : [])]),
  ];
}

const stepLines = ({ text, commands }: Step, at: number): string[] => [
  ...wrap(text, `${at + 1}. `),
  ...commands.map((command) => `     ${command}`),
];

function timelineLines({ timeline }: IncidentPage, all: boolean): string[] {
  const rows = eventRows(timeline);
  const shown = all ? rows : shortRows(rows);
  const day = dateText(timeline.fromMs);
  const lines = shown.flatMap(({ atMs, lane, text }) =>
    wrap(text, `${dateText(atMs) === day ? clockText(atMs) : dateTimeText(atMs)}  ${lane.padEnd(8)} `),
  );
  return [
    ...axisLines(timeline),
    ...(all ? [AXIS_LEGEND] : []),
    '',
    ...lines,
    ...(rows.length > shown.length ? [`${rows.length} events in all: --all shows them`] : []),
  ];
}
