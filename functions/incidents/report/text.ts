/** An incident as text for a terminal, 100 characters wide, and as Markdown, as its report in S3 has it. Commands are never broken. Pure. */
import { sumOf } from '../../shared/arithmetic.ts';
import { clockText, dateText, dateTimeText } from '../../shared/texts.ts';
import { onlyObserved } from './describe-mitigations.ts';
import type { Done, IncidentPage, Step } from './incident-page.ts';
import { eventRows, type Part, restOf, SHOWN_STEPS, screenOf, shortRows } from './screen.ts';

export const SCREEN = { lines: 24, columns: 100 } as const;

/** `verbose`: what shows the cause and what would refute it, what else was read, the timeline, and the API calls of the mitigations. */
export type TextOptions = { readonly verbose?: boolean };

export function textOf(page: IncidentPage, { verbose = false }: TextOptions = {}): string {
  const { headline, state, next, done, doneSummary, incidentId, runbook, about, report, openedAtMs, timeline } = page;
  const labelled = ({ title, lines }: Part) =>
    lines.flatMap((line, at) => wrap(line, (at === 0 ? title.toUpperCase() : '').padEnd(LABEL_COLUMNS)));
  const head = [...wrap(headline), ...(state === '' ? [] : wrap(state)), '', ...screenOf(page).flatMap(labelled), ''];
  const tail = [
    ...doneSummary.flatMap((line) => wrap(line)),
    ...(!verbose && onlyObserved(done) ? [] : done.flatMap((one) => doneLines(one, verbose))),
    verbose
      ? `incident ${incidentId}, runbook ${runbook}, ${about}, opened ${dateTimeText(openedAtMs)} UTC`
      : `incident ${incidentId}, opened ${dateTimeText(openedAtMs)} UTC; --verbose shows the rest`,
  ];
  const steps = next.map((step, at) => stepLines(step, at));
  const shown = verbose ? steps : fitting(steps.slice(0, SHOWN_STEPS), SCREEN.lines - head.length - tail.length);
  const rest = restOf(page).map(({ title, lines }) => [title.toUpperCase(), ...lines.flatMap((line) => wrap(line, '- '))].join('\n'));
  const ofReport = report ? [`report   ${report.markdownKey}`, `evidence ${report.evidenceKey}`, `SHA-256  ${report.evidenceSha256}`] : [];
  return [
    [...head, ...shown.flat(), ...tail].join('\n'),
    ...(verbose ? [...rest, [`TIMELINE (UTC, ${dateText(timeline.fromMs)})`, ...timelineLines(page)].join('\n'), ofReport.join('\n')] : []),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

const LABEL_COLUMNS = 16;

/** The first step is always there, others as far as they fit. */
function fitting(steps: readonly (readonly string[])[], room: number): readonly (readonly string[])[] {
  let used = 0;
  return steps.filter((lines, at) => {
    used += sumOf(lines, (line) => Math.ceil(line.length / SCREEN.columns));
    return at === 0 || used <= room;
  });
}

const stepLines = ({ text, commands }: Step, at: number): string[] => [
  ...wrap(text, `${at + 1}. `),
  ...commands.map((command) => `     ${command}`),
];

const doneLines = ({ text, calls }: Done, verbose: boolean): string[] => [
  ...wrap(text, '- '),
  ...(verbose ? calls.map((call) => `    ${call}`) : []),
];

function timelineLines({ timeline }: IncidentPage): string[] {
  const day = dateText(timeline.fromMs);
  return shortRows(eventRows(timeline)).flatMap(({ atMs, lane, text }) =>
    wrap(text, `${dateText(atMs) === day ? clockText(atMs) : dateTimeText(atMs)}  ${lane.padEnd(8)} `),
  );
}

/** Lines of a terminal. @param mark begins the first; the others are indented as far. A word that is longer than a line stays whole. */
function wrap(text: string, mark = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && mark.length + line.length + 1 + word.length > SCREEN.columns) {
      // No line ends in a colon: what follows it belongs to its last word.
      const [, kept = line, last] = /^(.*[^:\s]) ((?:\S+: )*\S+:)$/.exec(line) ?? [];
      lines.push(kept);
      line = last === undefined ? word : `${last} ${word}`;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one, at) => `${at === 0 ? mark : ' '.repeat(mark.length)}${one}`);
}

/** A fence that is longer than any in the text: what comes from elsewhere is no markup in it. */
export function markdownOf(page: IncidentPage): string {
  const text = textOf(page, { verbose: true });
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `# ${page.headline.replaceAll(/[\\`*[\]<|]/g, '\\$&')}\n\n${fence}text\n${text}\n${fence}\n`;
}
