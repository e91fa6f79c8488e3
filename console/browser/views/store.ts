/** The session store: the collector's latest reading, and the sweeps. */
import type { StoreView, SweepRow } from '../../store.ts';
import { get, post } from '../api.ts';
import { actionButton, ask, choice } from '../dialogs.ts';
import { h, replace, table } from '../dom.ts';
import { dateTime } from '../format.ts';
import { keepFresh } from '../live.ts';
import { stateBadge } from '../states.ts';
import type { View } from './view.ts';

const REFRESH_MS = 5_000;

export function storeView(): View {
  const body = h('div');
  const live = keepFresh(
    () => get<StoreView>('store'),
    (store): undefined => void replace(body, ...parts(store)),
    REFRESH_MS,
  );
  return { title: 'Session store', section: 'store', element: h('div', {}, body), leave: live.stop };
}

function parts({ reading, sweeps }: StoreView): Node[] {
  return [
    h('div', { class: 'head' }, h('h1', {}, 'Session store'), actionButton('Sweep…', 'sweep', askForSweep, 'primary')),
    h('h2', {}, 'Latest reading'),
    reading
      ? h(
          'dl',
          { class: reading.stale ? 'facts stale' : 'facts' },
          ...reading.rows.flatMap(([name, text]) => [h('dt', {}, name), h('dd', {}, text)]),
        )
      : h('p', { class: 'quiet' }, 'The store has not been read yet: the collector does so once a minute.'),
    h('h2', {}, 'Sweeps'),
    sweeps.length === 0
      ? h('p', { class: 'quiet' }, 'no sweep yet')
      : table(
          'sweeps',
          'Sweeps, latest first',
          ['Started', 'Took', 'Keys', 'Without TTL', 'Mended', 'Deleted', 'Outcome', 'By', 'Sweep'],
          sweeps.map(row),
          [1, 2, 3, 4, 5],
        ),
  ];
}

function row({ sweepId, startedAtMs, duration, summary, status, dryRun, requestedBy }: SweepRow) {
  const count = (part: 'keys' | 'withoutTtl' | 'mended' | 'deleted') => summary?.[part].toLocaleString('en-US') ?? '';
  return [
    dateTime(startedAtMs),
    duration,
    count('keys'),
    count('withoutTtl'),
    count('mended'),
    count('deleted'),
    stateBadge(status, `${status}${dryRun ? ', dry' : ''}`),
    requestedBy,
    h('a', { href: `#/store/sweeps/${sweepId}`, 'data-key': sweepId, 'aria-label': `Sweep ${sweepId}` }, sweepId.slice(0, 8)),
  ];
}

const POLICY_WORDS: Readonly<Record<string, string>> = {
  '': 'mends them as the installation is configured',
  report: 'reports them and changes none of them',
  expire: 'gives each what is left of its life as its TTL',
  delete: 'deletes those that are past their life for certain, at most so many a sweep, and gives the others a TTL',
};

function askForSweep(): void {
  ask({
    title: 'Sweep the session store',
    fields: [
      choice('dryRun', 'What it does', [
        { value: 'true', label: 'dry run', hint: 'goes the same way up to the write, and says what would change' },
        { value: 'false', label: 'sweep', hint: 'changes the store' },
      ]),
      choice('policy', 'Keys without a TTL', [
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
        ? 'Looks at every key of every primary, and changes nothing.'
        : `Finds session keys that never expire and ${POLICY_WORDS[String(form.get('policy'))]}. Structural and unknown keys are never touched.`,
    confirm: 'Start',
    act: async (form) => {
      const [policy, pace] = [form.get('policy'), form.get('pace')];
      const body = { dryRun: form.get('dryRun') === 'true', ...(policy && { policy }), ...(pace && { pace }) };
      const { sweepId } = await post<{ sweepId: string }>('sweeps', body);
      location.hash = `#/store/sweeps/${sweepId}`;
    },
  });
}
