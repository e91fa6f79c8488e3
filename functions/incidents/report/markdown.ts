/** An incident as Markdown, as its report in S3 has it: with every fact and every call. Pure. */

import { dateText, dateTimeText } from '../../shared/times.ts';
import { AXIS_LEGEND, axisLines } from './axis.ts';
import { firstScreenOf } from './first-screen.ts';
import type { Done, IncidentPage, Line, Step } from './incident-page.ts';
import { eventRows } from './list-events.ts';

export function markdownOf(page: IncidentPage): string {
  const { incidentId, runbook, about, headline, why, state, affected, facts, gaps, usualGaps, links, report } = page;
  const { done, doneSummary, timeline, verdict } = page;
  const { steps, facts: shown, laterSteps, laterFacts } = firstScreenOf(page);
  const list = (items: readonly string[]) => items.map((item) => `- ${escaped(item)}`);
  const ofSteps = (some: readonly Step[], from: number) => some.map((step, at) => stepOf(step, from + at));
  const ofFacts = (some: readonly Line[], from: number) => some.map((line, at) => `${from + at + 1}. ${lineOf(line)}`);
  const parts = [
    `# ${escaped(headline)}`,
    `${escaped(why)} ${escaped(state)}`.trimEnd(),
    ...section('What to do now', ofSteps(steps, 0)),
    ...section('What shows it', ofFacts(shown, 0)),
    '---',
    ...section('Then', ofSteps(laterSteps, steps.length)),
    ...section('More that shows it', ofFacts(laterFacts, shown.length)),
    ...section(`New log lines ${page.newLines?.since}`, list(page.newLines?.lines ?? [])),
    ...section('Who is affected', list(affected)),
    ...section(
      'Ruled out',
      page.ruledOut.map((line) => `- ${lineOf(line)}`),
    ),
    ...section(
      verdict === 'cause' ? 'Not known, and could show otherwise' : 'What is missing',
      page.notKnown.map((line) => `- ${lineOf(line)}`),
    ),
    ...section('What was done', [...doneSummary, ...(doneSummary.length > 0 && done.length > 0 ? [''] : []), ...done.map(doneOf)]),
    ...section('Also', list([...facts, ...page.searched])),
    ...section(`Timeline (UTC, ${dateText(timeline.fromMs)})`, [
      fenced([...axisLines(timeline), AXIS_LEGEND].join('\n')),
      '',
      '| Time | Kind | Event |',
      '|---|---|---|',
      ...eventRows(timeline).map(({ atMs, lane, text }) => `| ${dateTimeText(atMs)} | ${lane} | ${escaped(text)} |`),
    ]),
    ...section('Not read', list([...gaps, ...usualGaps])),
    ...section('Read more', list(links)),
    [
      `Incident \`${incidentId}\`, runbook \`${runbook}\`, ${escaped(about)}, opened ${dateTimeText(page.openedAtMs)} UTC.`,
      ...(report ? [`Evidence: \`${report.evidenceKey}\`, SHA-256 \`${report.evidenceSha256}\`.`] : []),
    ].join('\n'),
  ];
  return `${parts.join('\n\n')}\n`;
}

const section = (title: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : [`## ${title}`, lines.join('\n')]);

const lineOf = ({ text, source }: Line): string => `${escaped(text)}${source ? ` (${escaped(source)})` : ''}`;
const doneOf = ({ text, calls }: Done): string =>
  [`- ${escaped(text)}`, ...(calls.length === 0 ? [] : [indented(fenced(calls.join('\n')))])].join('\n');
const stepOf = ({ text, commands }: Step, at: number): string =>
  [`${at + 1}. ${escaped(text)}`, ...(commands.length === 0 ? [] : [indented(fenced(commands.join('\n'), 'sh'))])].join('\n');

/** A fence that is longer than any in the text. */
function fenced(text: string, language = ''): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

const indented = (text: string): string =>
  `\n${text
    .split('\n')
    .map((line) => `   ${line}`)
    .join('\n')}\n`;

/** Text from elsewhere is neither markup nor a cell's end. */
const escaped = (text: string): string => text.replaceAll(/[\\`*[\]<|]/g, '\\$&');
