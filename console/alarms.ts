/** Alarms as people read them: worst first, with what is wrong and where the runbook tells what to do. Pure. */
import type { AlarmSeen } from './backend.ts';

export interface AlarmView {
  readonly name: string;
  readonly state: AlarmSeen['state'];
  readonly sinceMs: number | undefined;
  readonly reason: string;
  /** Of Holdfast's alarms, which all have one. */
  readonly severity?: 'high' | 'medium' | 'low';
  readonly sentence: string;
  /** `docs/operator-runbook.md#heading` */
  readonly runbook?: string;
}

/** As `watchAlarm` of infra/ writes it. */
const DESCRIPTION = /^severity: (high|medium|low)\. (.*)\. Runbook: (\S+)$/s;

export function alarmView({ name, state, sinceMs, reason, description }: AlarmSeen): AlarmView {
  const [, severity, sentence, runbook] = DESCRIPTION.exec(description) ?? [];
  const common = { name, state, sinceMs, reason };
  if (severity === undefined) return { ...common, sentence: description };
  return { ...common, severity: severity as AlarmView['severity'], sentence: sentence ?? '', runbook };
}

const WORST: readonly AlarmView['state'][] = ['ALARM', 'INSUFFICIENT_DATA', 'OK'];
const GRAVE: readonly AlarmView['severity'][] = ['high', 'medium', 'low', undefined];

export const worstFirst = (alarms: readonly AlarmView[]): AlarmView[] =>
  alarms.toSorted(
    (a, b) =>
      WORST.indexOf(a.state) - WORST.indexOf(b.state) ||
      GRAVE.indexOf(a.severity) - GRAVE.indexOf(b.severity) ||
      a.name.localeCompare(b.name, 'en'),
  );
