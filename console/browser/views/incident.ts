/** One incident: the page that one hands to a colleague. */
import type { IncidentPage, Line, Step } from '../../../functions/incidents/report/incident-page.ts';
import { eventRows } from '../../../functions/incidents/report/list-events.ts';
import type { IncidentView } from '../../incidents.ts';
import { get, post } from '../api.ts';
import { createChart } from '../charts.ts';
import { actionButton, openDialog } from '../dialogs.ts';
import { announce, h, replace } from '../dom.ts';
import { factStrip, legend, stateBadge, table } from '../elements.ts';
import { dateTime } from '../format.ts';
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
    h('h2', {}, 'Timeline'),
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

function headOf({ page, waiting }: IncidentView): Node[] {
  const { headline, certainty, state, because, otherwise, verdict, facts, done, next, runbook, about, open, openedAtMs, incidentId } = page;
  return [
    h('p', { class: 'crumb' }, h('a', { href: '#/incidents', 'data-key': 'all' }, '← All incidents')),
    h(
      'div',
      { class: 'head' },
      h('h1', {}, headline),
      h('div', { class: 'actions' }, ...waiting.flatMap((name) => decisions(incidentId, name))),
    ),
    factStrip([
      ['State', stateBadge(open ? 'ALARM' : 'OK', open ? 'open' : 'closed')],
      ['Runbook', runbook],
      ['About', about],
      ['Opened', dateTime(openedAtMs)],
      ['Incident ID', incidentId],
    ]),
    h('p', {}, `${certainty} ${state}`),
    ...section('What shows it', because.map(lineItem), 'ol'),
    ...section(verdict === 'cause' ? 'What would show otherwise' : 'What is missing', otherwise.map(lineItem)),
    ...section(
      'Also',
      facts.map((fact) => h('li', {}, fact)),
    ),
    ...section('What was done', done.length === 0 ? [h('li', {}, 'Nothing.')] : done.map(({ text }) => h('li', {}, text))),
    ...section('What to do now', next.map(stepItem), 'ol'),
  ];
}

const section = (title: string, items: readonly Node[], list: 'ol' | 'ul' = 'ul'): Node[] =>
  items.length === 0 ? [] : [h('h2', {}, title), h(list, { class: 'steps panel' }, ...items)];

const lineItem = ({ text, source }: Line): Node => h('li', {}, text, source ? h('span', { class: 'faint' }, ` ${source}`) : null);

const stepItem = ({ text, commands }: Step): Node =>
  h('li', {}, text, ...commands.map((command) => h('pre', { class: 'command' }, h('code', {}, command))));

function decisions(incidentId: string, mitigation: string): HTMLElement[] {
  const dialog = (decision: 'approve' | 'deny') =>
    openDialog({
      title: `${decision === 'approve' ? 'Approve' : 'Deny'} ${mitigation}`,
      explain: () =>
        decision === 'approve'
          ? `The runbook carries ${mitigation} out, checks its result, and undoes it where that fails and it can be undone.`
          : `The runbook does not carry ${mitigation} out.`,
      confirm: decision === 'approve' ? 'Approve' : 'Deny',
      act: async () => void (await post(`incidents/${incidentId}/decision`, { mitigation, decision })),
    });
  return [
    actionButton(`Approve ${mitigation}…`, `approve-${mitigation}`, () => dialog('approve'), 'primary'),
    actionButton('Deny…', `deny-${mitigation}`, () => dialog('deny')),
  ];
}

function detailsOf({ timeline, gaps, done, report }: IncidentPage): Node[] {
  const calls = done.flatMap(({ name, calls: own }) => own.map((call) => [name, h('code', {}, call)]));
  return [
    h(
      'details',
      { 'data-key': 'events' },
      h('summary', { 'data-key': 'events-summary' }, 'Timeline as a table'),
      table(
        'event-rows',
        'Events by time',
        ['Time', 'Kind', 'Event'],
        eventRows(timeline).map(({ atMs, lane, text }) => [dateTime(atMs), lane, text]),
      ),
    ),
    ...(calls.length === 0
      ? []
      : [
          h(
            'details',
            { 'data-key': 'calls' },
            h('summary', { 'data-key': 'calls-summary' }, 'API calls of the mitigations'),
            table('call-rows', 'API calls', ['Mitigation', 'Call'], calls),
          ),
        ]),
    ...section(
      'Not read',
      gaps.map((gap) => h('li', {}, gap)),
    ),
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
