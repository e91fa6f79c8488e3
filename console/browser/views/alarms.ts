/** Every alarm, worst first, with the heading of the runbook that says what to do. */
import type { AlarmView } from '../../alarms.ts';
import { get } from '../api.ts';
import { h, replace, table } from '../dom.ts';
import { dateTime } from '../format.ts';
import { keepFresh } from '../live.ts';
import { stateBadge } from '../states.ts';
import type { View } from './view.ts';

const REFRESH_MS = 5_000;

export function alarmsView(): View {
  const body = h('div');
  const live = keepFresh(
    () => get<{ alarms: AlarmView[] }>('alarms'),
    ({ alarms }): undefined => void replace(body, ...parts(alarms)),
    REFRESH_MS,
  );
  return { title: 'Alarms', section: 'alarms', element: h('div', {}, body), leave: live.stop };
}

function parts(alarms: readonly AlarmView[]): Node[] {
  const of = (state: AlarmView['state']) => alarms.filter((alarm) => alarm.state === state).length;
  return [
    h('h1', {}, 'Alarms'),
    h('p', { class: 'faint' }, `${of('ALARM')} in alarm, ${of('INSUFFICIENT_DATA')} without data, ${of('OK')} OK`),
    alarms.length === 0
      ? h('p', { class: 'quiet' }, 'no alarm yet: the stacks are not deployed')
      : table('alarms', 'Alarms, worst first', ['State', 'Alarm', 'Severity', 'What it means', 'Since', 'Runbook'], alarms.map(row)),
  ];
}

const row = ({ name, state, severity, sentence, sinceMs, reason, runbook }: AlarmView) => [
  stateBadge(state),
  name,
  severity ?? '',
  h('span', { class: 'wrap' }, sentence, state === 'ALARM' && h('span', { class: 'faint' }, ` (${reason})`)),
  sinceMs === undefined ? '' : dateTime(sinceMs),
  runbook ? h('a', { href: `#/runbook/${runbook.split('#')[1]}`, 'data-key': `runbook-${name}` }, `#${runbook.split('#')[1]}`) : '',
];
