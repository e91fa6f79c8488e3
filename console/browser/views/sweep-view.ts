/** One sweep and its report. */
import { dateTimeText } from '../../../functions/shared/texts.ts';
import type { SweepReport } from '../../../functions/sweep/report/make-report.ts';
import { REMAINS_TEXT, sizeClassText } from '../../../functions/sweep/report/shown-texts.ts';
import type { SweepView } from '../../store.ts';
import { get } from '../api.ts';
import { type Chart, createChart } from '../charts.ts';
import { announce, h, replace } from '../dom.ts';
import { factStrip, facts, folded, heading, moment, quiet, stateBadge, table } from '../elements.ts';
import { poll, type View } from '../poll.ts';
import { shareOption } from '../value-options.ts';

const RUNNING_MS = 700;
const ENDED_MS = 10_000;
const BAR_PX = 30;

export function sweepView(id: string): View {
  const body = h('div');
  const chart = createChart('Keys by size', 8 * BAR_PX);
  const sizes = h('section', { hidden: true }, h('h2', {}, 'Keys by size'), h('div', { class: 'panel' }, chart.element));
  const after = h('div');
  const poller = poll(
    () => get<SweepView>(`sweeps/${encodeURIComponent(id)}`),
    (sweep) => {
      replace(body, ...headOf(sweep));
      // The report of an empty store has no sizes.
      sizes.hidden = !Object.values(sweep.report?.sizes ?? {}).some((keys) => keys > 0);
      if (sweep.report && !sizes.hidden) drawSizes(chart, sweep.report);
      replace(after, ...(sweep.report && !sweep.report.summary.outcome ? listsOf(sweep.report) : []));
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
      poller.stop();
      chart.dispose();
    },
  };
}

function headOf({ sweepId, status, dryRun, requestedBy, startedAtMs, duration, lines, error, report }: SweepView): Node[] {
  return [
    h('p', { class: 'crumb' }, h('a', { href: '#/store', 'data-key': 'all' }, '← Session store')),
    heading(dryRun ? 'Sweep (dry run: nothing is changed)' : 'Sweep'),
    factStrip([
      ['Status', stateBadge(status)],
      ['Started', moment(startedAtMs, `${dateTimeText(startedAtMs)} UTC`)],
      [status === 'RUNNING' ? 'Running for' : 'Duration', duration],
      ['Requested by', requestedBy],
      ['Sweep ID', sweepId],
    ]),
    ...(error ? [facts([['Error', `${error.name}: ${error.message}`]], 'panel')] : []),
    ...(lines.length > 0
      ? [h('ul', { class: 'lines panel' }, ...lines.map((line) => h('li', {}, line)))]
      : [quiet(status === 'RUNNING' ? 'What it finds will be listed here when it has ended.' : 'It ended without a report.')]),
    ...(report && !report.summary.outcome
      ? [h('h2', {}, 'Results by dialect'), Object.keys(report.byDialect).length > 0 ? dialects(report) : quiet('No sessions found.')]
      : []),
  ];
}

function dialects({ byDialect, dryRun }: SweepReport): HTMLElement {
  const count = (value: number) => value.toLocaleString('en-US');
  const would = dryRun ? 'Would be ' : '';
  return table(
    'dialects',
    'Results by dialect',
    [
      'Dialect',
      'Policy',
      'Sessions',
      'By design',
      'Without TTL',
      `${would}${would ? 'repaired' : 'Repaired'}`,
      `${would}${would ? 'deleted' : 'Deleted'}`,
      'Not repaired (reason)',
    ],
    Object.entries(byDialect).map(([name, { policy, sessions, structural, withoutTtl, repaired, deleted, unrepaired }]) => [
      name,
      policy,
      ...[sessions, structural, withoutTtl, repaired, deleted].map(count),
      Object.entries(unrepaired)
        .map(([reason, keys]) => `${count(keys)} (${reason})`)
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

function listsOf({ sizes, sampledOneIn, large, persistentKeys, summary, byDialect }: SweepReport): Node[] {
  const count = (value: number) => value.toLocaleString('en-US');
  const remains = Object.entries(byDialect).flatMap(([dialect, one]) =>
    Object.entries(one.remains ?? {}).map(([kind, keys]) => [dialect, kind, REMAINS_TEXT[kind as keyof typeof REMAINS_TEXT], count(keys)]),
  );
  return [
    ...(remains.length === 0
      ? []
      : [
          h('h2', {}, 'Left of sessions that are over'),
          table('remains', 'Left of sessions that are over', ['Dialect', 'Kind', 'Meaning', 'Keys'], remains, [3]),
        ]),
    h(
      'p',
      { class: 'faint' },
      sampledOneIn === 1
        ? 'Sizes are measured for every key.'
        : `Sizes are measured for every persistent key, and for 1 in ${sampledOneIn} of the others, each of which counts as ${sampledOneIn}.`,
    ),
    folded(
      'sizes-as-table',
      'Keys by size as a table',
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
            ['Session (hash)', 'Dialect', 'Bytes'],
            large.map(({ id, dialect, bytes }) => [id, dialect, count(bytes)]),
            [2],
          ),
        ]),
    ...(persistentKeys.length === 0
      ? []
      : [
          h('h2', {}, `Persistent keys: the first ${count(persistentKeys.length)} of ${count(summary.withoutTtl + summary.unknown)}`),
          table(
            'persistent-keys',
            'Persistent keys',
            ['Key (hash)', 'Dialect', 'Type', 'Action'],
            persistentKeys.map(({ id, dialect, type, done }) => [id, dialect, type, done]),
          ),
        ]),
  ];
}
