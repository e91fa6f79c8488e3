/** The session store: the collector's latest reading, and the sweeps. */
import type { StoreView, SweepRow } from '../../store.ts';
import { post } from '../api.ts';
import { actionButton, choice, openDialog } from '../dialogs.ts';
import { type Child, h } from '../dom.ts';
import { facts, heading, linked, moment, quiet, stateBadge, table } from '../elements.ts';
import { agoText, withTimes } from '../format.ts';
import { redrawnView, type View } from '../poll.ts';

const REFRESH_MS = 5_000;

export const storeView = (): View => redrawnView<StoreView>({ title: 'Session store', section: 'store', path: 'store' }, parts, REFRESH_MS);

function parts({ reading, sweeps }: StoreView): Node[] {
  return [
    heading('Session store', actionButton('Start a sweep…', 'sweep', openSweepDialog, 'primary')),
    h(
      'h2',
      {},
      reading?.isOld && reading.takenAtMs !== undefined
        ? `Latest reading, ${agoText(Date.now() - reading.takenAtMs)}: its values are out of date`
        : 'Latest reading',
    ),
    reading
      ? facts(
          reading.rows.map(([name, text]) => [name, rowText(name, text)] as const),
          reading.isOld ? 'panel old' : 'panel',
        )
      : quiet(
          'No reading yet. Sessions, hit rate, memory and replication will be shown here: the collector reads the store once a minute.',
        ),
    h('h2', {}, 'Sweeps'),
    sweeps.length === 0
      ? quiet(
          'No sweeps yet. Each one will be listed here with the keys that it found and repaired. A schedule starts one, once a day by default; “Start a sweep…” starts one now.',
        )
      : table(
          'sweeps',
          'Sweeps, latest first',
          ['Started (UTC)', 'Duration', 'Keys', 'Without TTL', 'Repaired', 'Deleted', 'Status', 'Requested by', 'Sweep ID'],
          sweeps.map(row),
          [1, 2, 3, 4, 5],
        ),
  ];
}

/** That the store is unreachable is true now, and the values below it are those of before: it is red among grey ones. */
const rowText = (name: string, text: string): Child =>
  h('span', { class: name === 'UNREACHABLE' && 'alert' }, linked(withTimes(text, Date.now())));

function row({ sweepId, startedAtMs, duration, summary, status, dryRun, requestedBy }: SweepRow) {
  const count = (part: 'keys' | 'withoutTtl' | 'repaired' | 'deleted') => summary?.[part].toLocaleString('en-US') ?? '';
  // A dry run has repaired and deleted nothing.
  const changed = (part: 'repaired' | 'deleted') => (dryRun && summary ? `would be ${count(part)}` : count(part));
  return [
    moment(startedAtMs),
    duration,
    count('keys'),
    count('withoutTtl'),
    changed('repaired'),
    changed('deleted'),
    stateBadge(status, [status, ...(summary?.outcome ? [summary.outcome] : []), ...(dryRun ? ['dry run'] : [])].join(', ')),
    requestedBy,
    h('a', { href: `#/store/sweeps/${sweepId}`, 'data-key': sweepId, 'aria-label': `Sweep ${sweepId}` }, sweepId.slice(0, 8)),
  ];
}

/** What a sweep does with persistent session keys, by policy. */
const POLICY_TEXTS: Readonly<Record<string, string>> = {
  '': 'repairs them as configured',
  report: 'reports them without changing any',
  expire: 'sets the TTL of each to the rest of its lifetime',
  delete: 'deletes those whose lifetime has certainly passed, up to the maximum per sweep, and sets the TTL of the others',
};

function openSweepDialog(): void {
  openDialog({
    title: 'Sweep the session store',
    fields: [
      choice('dryRun', 'Mode', [
        { value: 'true', label: 'dry run', hint: 'runs every step except the writes, and reports what would change' },
        { value: 'false', label: 'sweep', hint: 'changes the store' },
      ]),
      choice('full', 'Keys', [
        { value: 'false', label: 'as needed', hint: 'none, where the counters of the store show nothing to do' },
        { value: 'true', label: 'every key' },
      ]),
      choice('policy', 'Persistent session keys', [
        { value: '', label: 'as configured' },
        { value: 'report', label: 'report' },
        { value: 'expire', label: 'expire' },
        { value: 'delete', label: 'delete' },
      ]),
      choice('pace', 'Pace', [
        { value: '', label: 'as configured' },
        { value: 'gentle', label: 'gentle' },
        { value: 'fast', label: 'fast' },
      ]),
    ],
    explain: (form) =>
      form.get('dryRun') === 'true'
        ? 'Does everything but the writes, and changes nothing.'
        : `Finds persistent session keys and ${POLICY_TEXTS[String(form.get('policy'))]}. Structural and unknown keys are never changed.`,
    confirm: 'Start sweep',
    act: async (form) => {
      const [policy, pace] = [form.get('policy'), form.get('pace')];
      const body = {
        dryRun: form.get('dryRun') === 'true',
        ...(form.get('full') === 'true' && { full: true }),
        ...(policy && { policy }),
        ...(pace && { pace }),
      };
      const { sweepId } = await post<{ sweepId: string }>('sweeps', body);
      location.hash = `#/store/sweeps/${sweepId}`;
    },
  });
}
