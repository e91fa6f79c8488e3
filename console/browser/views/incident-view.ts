/** One incident: the page that one hands to a colleague. */
import type { IncidentPage, Step } from '../../../functions/incidents/report/incident-page.ts';
import { eventRows, restOf, SHOWN_STEPS, screenOf } from '../../../functions/incidents/report/screen.ts';
import { capital, dateTimeText, dateTimeWithZone } from '../../../functions/shared/texts.ts';
import type { IncidentView } from '../../incidents.ts';
import { get } from '../api.ts';
import { createChart } from '../charts.ts';
import { announce, h, replace } from '../dom.ts';
import { command, factStrip, folded, heading, legend, linked, stateBadge, table } from '../elements.ts';
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
  const { title, headline, state, next, done, doneSummary } = page;
  const { runbook, about, open, openedAtMs, incidentId } = page;
  const [shown, later] = [next.slice(0, SHOWN_STEPS), next.slice(SHOWN_STEPS)];
  return [
    h('p', { class: 'crumb' }, h('a', { href: '#/incidents', 'data-key': 'all' }, '← All incidents')),
    heading(capital(title)),
    factStrip([
      ['State', stateBadge(open ? 'ALARM' : 'OK', open ? 'open' : 'closed')],
      ['Runbook', runbook],
      ['About', about],
      ['Opened', dateTimeWithZone(openedAtMs)],
      ['Incident ID', incidentId],
    ]),
    h('p', {}, h('strong', {}, headline)),
    h('p', {}, state),
    ...screenOf(page).flatMap(({ title: name, lines }) => section(name, lines.map(lineItem))),
    ...section('What to do now', shown.map(stepItem), 'ol'),
    ...(later.length === 0
      ? []
      : [folded('more-steps', `${later.length} more`, h('ul', { class: 'steps panel' }, ...later.map(stepItem)))]),
    ...section('What was done', [...doneSummary, ...done.map(({ text }) => text)].map(lineItem)),
  ];
}

const section = (title: string, items: readonly Node[], list: 'ol' | 'ul' = 'ul'): Node[] =>
  items.length === 0 ? [] : [h('h2', {}, title), h(list, { class: 'steps panel' }, ...items)];

const lineItem = (text: string): Node => h('li', {}, linked(text));

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

function detailsOf(page: IncidentPage): Node[] {
  const { timeline, links, done, report } = page;
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
    ...restOf(page).map(({ title, lines }) => folded(title, title, h('ul', { class: 'steps panel' }, ...lines.map(lineItem)))),
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
