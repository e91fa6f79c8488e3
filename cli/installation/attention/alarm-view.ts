/** Alarms as the console and status show them: worst first, each with its meaning and its heading in the runbook. Pure. */

export interface AlarmStatus {
  readonly arn: string;
  readonly name: string;
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  /** CloudWatch's reason for the state. */
  readonly reason: string;
  readonly sinceMs: number | undefined;
  readonly description: string;
}

export interface AlarmView {
  readonly name: string;
  readonly state: AlarmStatus['state'];
  readonly sinceMs: number | undefined;
  readonly reason: string;
  /** Present in Holdfast's own alarms. */
  readonly severity?: 'high' | 'medium' | 'low';
  readonly sentence: string;
  /** `docs/runbook/at-night.md#heading`, or its address */
  readonly runbook?: string;
}

/** An alarm's description, as `watchAlarm` in infra/ writes it. */
const DESCRIPTION = /^severity: (high|medium|low)\. (.*)\. Runbook: (\S+)$/s;

/** An alarm's meaning and its heading in the runbook; undefined for alarms that are not Holdfast's. */
export function meaningOf(description: string): { readonly sentence: string; readonly runbook: string } | undefined {
  const [, , sentence, runbook] = DESCRIPTION.exec(description) ?? [];
  return sentence === undefined || runbook === undefined ? undefined : { sentence, runbook };
}

export function alarmView({ name, state, sinceMs, reason, description }: AlarmStatus): AlarmView {
  const [, severity, sentence, runbook] = DESCRIPTION.exec(description) ?? [];
  const common = { name, state, sinceMs, reason };
  if (severity === undefined) return { ...common, sentence: description };
  return { ...common, severity: severity as AlarmView['severity'], sentence: sentence ?? '', runbook };
}

/** `docs/runbook/deploys.md#deploy-failed` as words: `deploy failed`. */
export const alarmWords = (runbook: string): string => (runbook.split('#')[1] ?? runbook).replaceAll('-', ' ');

const STATE_ORDER: readonly AlarmView['state'][] = ['ALARM', 'INSUFFICIENT_DATA', 'OK'];
const SEVERITY_ORDER: readonly AlarmView['severity'][] = ['high', 'medium', 'low', undefined];

export const worstFirst = (alarms: readonly AlarmView[]): AlarmView[] =>
  alarms.toSorted(
    (a, b) =>
      STATE_ORDER.indexOf(a.state) - STATE_ORDER.indexOf(b.state) ||
      SEVERITY_ORDER.indexOf(a.severity) - SEVERITY_ORDER.indexOf(b.severity) ||
      a.name.localeCompare(b.name, 'en'),
  );
