/** One incident: the page that one hands to a colleague. */
import { firstScreenOf } from '../../../functions/incidents/report/first-screen.ts';
import type { IncidentPage, Line, Step } from '../../../functions/incidents/report/incident-page.ts';
import { eventRows } from '../../../functions/incidents/report/list-events.ts';
import { capital } from '../../../functions/shared/capital.ts';
import { dateTimeText, dateTimeWithZone } from '../../../functions/shared/times.ts';
import type { IncidentView } from '../../incidents.ts';
import { get } from '../api.ts';
import { createChart } from '../charts.ts';
import { announce, h, replace } from '../dom.ts';
import { command, factStrip, folded, legend, linked, stateBadge, table } from '../elements.ts';
import { incidentHeight, incidentOption, toneColor } from '../incident-option.ts';
import { poll, type View } from '../poll.ts';
import { eitherColor } from '../theme.ts';

const OPEN_MS = 2_000;
const CLOSED_MS = 30_000;

export function incidentView(id: string): View {
  const head = h('div');
  const after = h('div');
  const chart = createChart('Alarms, deploys and changes on one axis of time');
  const tones = [
    ['trouble', 'bad'],
    ['good', 'good'],
    ['other', 'neutral'],
  ] as const;
  const names = legend(
    'Legend of the timeline',
    tones.map(([name, tone]) => ({ name, color: eitherColor((theme) => toneColor(tone, theme)) })),
  );
  const picture = h(
    'section',
    { 'aria-label': 'Timeline', class: 'widget timeline', hidden: true },
    h('h2', {}, 'Timeline (UTC)'),
    chart.element,
    names,
  );
  const poller = poll(
    () => get<IncidentView>(`incidents/${encodeURIComponent(id)}`),
    (view) => {
      const { page } = view;
      replace(head, ...headOf(view));
      picture.hidden = page.timeline.events.length === 0;
      if (!picture.hidden) {
        chart.element.style.height = `${incidentHeight(page.timeline)}px`;
        chart.draw((theme) => incidentOption(page.timeline, theme));
      }
      replace(after, ...detailsOf(page));
      announce(`${page.headline} ${page.state}`);
      return page.open ? OPEN_MS : CLOSED_MS;
    },
    OPEN_MS,
  );
  return {
    title: `Incident ${id}`,
    section: 'incidents',
    element: h('div', {}, head, picture, after),
    leave: () => {
      poller.stop();
      chart.dispose();
    },
  };
}

function headOf({ page }: IncidentView): Node[] {
  const { title, headline, why, state, affected, ruledOut, notKnown, verdict, facts, done, doneSummary } = page;
  const { steps, facts: shown, laterSteps, laterFacts } = firstScreenOf(page);
  const { runbook, about, open, openedAtMs, incidentId } = page;
  const list = (items: readonly string[]) => items.map((item) => h('li', {}, item));
  return [
    h('p', { class: 'crumb' }, h('a', { href: '#/incidents', 'data-key': 'all' }, '← All incidents')),
    h('div', { class: 'head' }, h('h1', {}, capital(title))),
    factStrip([
      ['State', stateBadge(open ? 'ALARM' : 'OK', open ? 'open' : 'closed')],
      ['Runbook', runbook],
      ['About', about],
      ['Opened', dateTimeWithZone(openedAtMs)],
      ['Incident ID', incidentId],
    ]),
    h('p', {}, h('strong', {}, headline)),
    h('p', {}, why),
    h('p', {}, state),
    ...section('What to do now', steps.map(stepItem), 'ol'),
    ...section('What shows it', shown.map(lineItem), 'ol'),
    ...moreFacts(laterFacts),
    ...section('Then', laterSteps.map(stepItem), 'ol'),
    ...section(`New log lines ${page.newLines?.since}`, list(page.newLines?.lines ?? [])),
    ...section('Who is affected', list(affected)),
    ...section('Ruled out', ruledOut.map(lineItem)),
    ...section(verdict === 'cause' ? 'Not known, and could show otherwise' : 'What is missing', notKnown.map(lineItem)),
    ...section('What was done', list([...doneSummary, ...done.map(({ text }) => text)])),
    ...section('Also', list(facts)),
  ];
}

const section = (title: string, items: readonly Node[], list: 'ol' | 'ul' = 'ul'): Node[] =>
  items.length === 0 ? [] : [h('h2', {}, title), h(list, { class: 'steps panel' }, ...items)];

const lineItem = ({ text, source }: Line): Node => h('li', {}, linked(text), source ? h('span', { class: 'faint' }, ` ${source}`) : null);

const stepItem = ({ text, commands }: Step): Node => h('li', {}, linked(text), ...commands.map(command));

/** Headings of the runbook and causes are pages of the console; another page can be opened where it has an address. */
function linkItem(address: string): Node[] {
  const [, name] = /(?:runbook\/[a-z-]+\.md#|incidents\.md#|#\/runbook\/)([a-z0-9-]+)$/.exec(address) ?? [];
  if (name !== undefined)
    return [
      h('li', {}, h('a', { href: `#/runbook/${name}`, 'data-key': `runbook-${name}` }, `What to do about ${name.replaceAll('-', ' ')}`)),
    ];
  if (address.startsWith('docs/')) return [h('li', {}, linked(address))];
  return /^https:/.test(address) ? [h('li', {}, h('a', { href: address, rel: 'noreferrer', 'data-key': address }, address))] : [];
}

/** The strongest come first; the others are one click away. */
function moreFacts(lines: readonly Line[]): Node[] {
  if (lines.length === 0) return [];
  return [folded('more-facts', `${lines.length} more`, h('ul', { class: 'steps panel' }, ...lines.map(lineItem)))];
}

function detailsOf({ timeline, gaps, links, done, report }: IncidentPage): Node[] {
  const calls = done.flatMap(({ name, calls: own }) => own.map((call) => [name, h('code', {}, call)]));
  return [
    folded(
      'events',
      'Timeline as a table',
      table(
        'event-rows',
        'Events by time',
        ['Time (UTC)', 'Kind', 'Event'],
        eventRows(timeline).map(({ atMs, lane, text }) => [dateTimeText(atMs), lane, text]),
      ),
    ),
    ...(calls.length === 0
      ? []
      : [folded('calls', 'API calls of the mitigations', table('call-rows', 'API calls', ['Mitigation', 'Call'], calls))]),
    ...section(
      'Not read',
      gaps.map((gap) => h('li', {}, gap)),
    ),
    ...section('Read more', links.flatMap(linkItem)),
    ...(report
      ? [
          h(
            'p',
            { class: 'faint anywhere' },
            `Report ${report.markdownKey}; evidence ${report.evidenceKey}, SHA-256 ${report.evidenceSha256}`,
          ),
        ]
      : []),
  ];
}
