/** One sweep with its report. */
import type { SweepReport } from '../../../functions/sweep/make-report.ts';
import { sizeClassText } from '../../../functions/sweep/size-class-text.ts';
import type { SweepView } from '../../store.ts';
import { get } from '../api.ts';
import { type Chart, createChart } from '../charts.ts';
import { announce, h, replace, table } from '../dom.ts';
import { dateTime } from '../format.ts';
import { keepFresh } from '../live.ts';
import { stateBadge } from '../states.ts';
import { shareOption } from '../value-options.ts';
import type { View } from './view.ts';

const RUNNING_MS = 700;
const ENDED_MS = 10_000;
const BAR_PX = 30;

export function sweepView(id: string): View {
  const body = h('div');
  const chart = createChart('Keys by size', 8 * BAR_PX);
  const sizes = h('section', { hidden: true }, h('h2', {}, 'Keys by size'), chart.element);
  const after = h('div');
  const live = keepFresh(
    () => get<SweepView>(`sweeps/${encodeURIComponent(id)}`),
    (sweep) => {
      replace(body, ...headOf(sweep));
      // An empty store has no sizes.
      sizes.hidden = !Object.values(sweep.report?.sizes ?? {}).some((keys) => keys > 0);
      if (sweep.report && !sizes.hidden) drawSizes(chart, sweep.report);
      replace(after, ...(sweep.report ? listsOf(sweep.report) : []));
      announce(`Sweep ${sweep.status}. ${sweep.lines.join('. ')}`);
      return sweep.status === 'RUNNING' ? RUNNING_MS : ENDED_MS;
    },
    RUNNING_MS,
  );
  return {
    title: `Sweep ${id.slice(0, 8)}`,
    section: 'store',
    element: h('div', {}, body, sizes, after),
    leave: () => {
      live.stop();
      chart.dispose();
    },
  };
}

function headOf({ sweepId, status, dryRun, requestedBy, startedAtMs, duration, lines, error, report }: SweepView): Node[] {
  const facts: [string, Node | string][] = [
    ['Outcome', stateBadge(status)],
    ['Started', `${dateTime(startedAtMs)}, ${status === 'RUNNING' ? 'for' : 'took'} ${duration}`],
    ['By', requestedBy],
    ['Sweep', sweepId],
    ...(error ? [['Error', `${error.name}: ${error.message}`] as [string, string]] : []),
  ];
  return [
    h('p', { class: 'crumb' }, h('a', { href: '#/store', 'data-key': 'all' }, '← the session store')),
    h('h1', {}, dryRun ? 'Sweep, dry: nothing is changed' : 'Sweep'),
    h('dl', { class: 'facts' }, ...facts.flatMap(([name, text]) => [h('dt', {}, name), h('dd', {}, text)])),
    ...(lines.length > 0 ? [h('ul', { class: 'lines' }, ...lines.map((line) => h('li', {}, line)))] : []),
    ...(report
      ? [
          h('h2', {}, 'By dialect'),
          Object.keys(report.byDialect).length > 0 ? dialects(report) : h('p', { class: 'quiet' }, 'no session was found'),
        ]
      : []),
  ];
}

function dialects({ byDialect, dryRun }: SweepReport): HTMLElement {
  const count = (value: number) => value.toLocaleString('en-US');
  const would = dryRun ? 'Would be ' : '';
  return table(
    'dialects',
    'What was found, by dialect',
    [
      'Dialect',
      'Policy',
      'Sessions',
      'By design',
      'Without TTL',
      `${would}${would ? 'mended' : 'Mended'}`,
      `${would}${would ? 'deleted' : 'Deleted'}`,
      'Left, and why',
    ],
    Object.entries(byDialect).map(([name, { policy, sessions, structural, withoutTtl, mended, deleted, left }]) => [
      name,
      policy,
      ...[sessions, structural, withoutTtl, mended, deleted].map(count),
      Object.entries(left)
        .map(([reason, keys]) => `${count(keys)} ${reason}`)
        .join(', '),
    ]),
    [2, 3, 4, 5, 6],
  );
}

function drawSizes(chart: Chart, { sizes, finishedAtMs }: SweepReport): void {
  const series = Object.entries(sizes).map(([name, keys]) => ({
    label: sizeClassText(name),
    axis: 'left' as const,
    periodSeconds: 1,
    points: [[finishedAtMs, keys] as const],
  }));
  chart.element.style.height = `${(series.length + 1) * BAR_PX}px`;
  chart.draw((theme) => {
    const [one = theme.text] = theme.series;
    return shareOption(
      {
        kind: 'metrics',
        view: 'bar',
        stacked: false,
        sparkline: false,
        legend: 'hidden',
        axes: { left: {}, right: {} },
        horizontal: [],
        vertical: [],
        series: series.map((bar) => ({ ...bar, color: one })),
      },
      theme,
    );
  });
}

function listsOf({ sizes, sampledOneIn, large, offenders, summary }: SweepReport): Node[] {
  const count = (value: number) => value.toLocaleString('en-US');
  return [
    h('p', { class: 'faint' }, `Every key without TTL is weighed, of the others one in ${sampledOneIn}.`),
    h(
      'details',
      { 'data-key': 'sizes-as-table' },
      h('summary', { 'data-key': 'sizes-summary' }, 'Keys by size, as a table'),
      table(
        'sizes',
        'Keys by size',
        ['Size', 'Keys'],
        Object.entries(sizes).map(([name, keys]) => [sizeClassText(name), count(keys)]),
        [1],
      ),
    ),
    ...(large.length === 0
      ? []
      : [
          h('h2', {}, 'Largest sessions'),
          table(
            'large',
            'Largest sessions',
            ['Session, hashed', 'Dialect', 'Bytes'],
            large.map(({ id, dialect, bytes }) => [id, dialect, count(bytes)]),
            [2],
          ),
        ]),
    ...(offenders.length === 0
      ? []
      : [
          h('h2', {}, `Keys without TTL, the first ${count(offenders.length)} of ${count(summary.withoutTtl + summary.unknown)}`),
          table(
            'offenders',
            'Keys without TTL',
            ['Key, hashed', 'Dialect', 'Type', 'Done'],
            offenders.map(({ id, dialect, type, done }) => [id, dialect, type, done]),
          ),
        ]),
  ];
}
