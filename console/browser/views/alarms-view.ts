/** Every alarm, worst first, with its section of the runbook. */
import type { AlarmView } from '../../../cli/installation/attention/attention-words.ts';
import { counted } from '../../../functions/shared/texts.ts';
import type { AlarmsView } from '../../overview.ts';
import { type Child, h } from '../dom.ts';
import { folded, heading, moment, quiet, reasonText, stateBadge, table } from '../elements.ts';
import { redrawnView, type View } from '../poll.ts';

const REFRESH_MS = 5_000;

export const alarmsView = (): View => redrawnView<AlarmsView>({ title: 'Alarms', section: 'alarms', path: 'alarms' }, parts, REFRESH_MS);

function parts({ alarms, none }: AlarmsView): Child[] {
  const head = heading('Alarms');
  if (none !== undefined) return [head, quiet(none)];
  const fine = alarms.filter(({ state }) => state === 'OK');
  const attention = alarms.filter(({ state }) => state !== 'OK');
  const count = (state: AlarmView['state']) => alarms.filter((alarm) => alarm.state === state).length;
  return [
    head,
    h('p', { class: 'faint' }, `${count('ALARM')} in ALARM, ${count('INSUFFICIENT_DATA')} without data, ${count('OK')} OK`),
    alarms.length === 0
      ? quiet('No alarms: the stacks are not deployed yet. Each alarm will be listed here with its state and what to do about it.')
      : attention.length === 0
        ? h('p', {}, stateBadge('OK', 'No alarm needs attention.'))
        : list('alarms', 'Alarms that need attention, worst first', attention),
    fine.length > 0 && folded('fine', `OK: ${counted(fine.length, 'alarm')}`, list('alarms-ok', 'Alarms that are OK', fine)),
  ];
}

const list = (key: string, caption: string, alarms: readonly AlarmView[]): HTMLElement =>
  table(key, caption, ['State', 'Alarm', 'Severity', 'Meaning', 'Since (UTC)', 'Runbook'], alarms.map(row));

const row = ({ name, state, severity, sentence, sinceMs, reason, runbook }: AlarmView) => [
  stateBadge(state),
  name,
  severity ?? '',
  h('span', { class: 'wrap' }, sentence, state !== 'OK' && h('span', { class: 'faint' }, ` (${reasonText(reason)})`)),
  sinceMs === undefined ? '' : moment(sinceMs),
  runbook
    ? h(
        'a',
        { href: `#/runbook/${runbook.split('#')[1]}`, 'data-key': `runbook-${name}`, 'aria-label': `What to do about ${name}` },
        'What to do',
      )
    : '',
];
