/** What is wrong now in words: those of status, and of the console's strip. Pure, without anything of Node: the browser has it too. */
import { holdfast } from '../../../functions/shared/command-options.ts';
import { counted } from '../../../functions/shared/texts.ts';
import type { Cloud } from '../../cloud.ts';
import { type IncidentRow, incidentRow, MAX_INCIDENTS } from '../../incidents/incident-row.ts';
import type { Stores } from '../../open-stores.ts';

/** One kind of trouble: `2 open incidents`, and what there is to name. */
export interface Trouble {
  readonly kind: 'incidents' | 'alarms' | 'store';
  readonly title: string;
  /** The first few. `about` is more of a line's words than a strip has room for. */
  readonly named: readonly { readonly id: string; readonly text: string; readonly about?: string }[];
  /** The number of those that are not named. */
  readonly more: number;
}

const MOST_NAMED = 3;
const timeText = (atMs: number): string => new Date(atMs).toISOString();

export function troublesOf({ incidents, alarms, storeUnreachable }: Attention): Trouble[] {
  const trouble = (kind: Trouble['kind'], title: string, all: Trouble['named']): Trouble[] =>
    all.length === 0 ? [] : [{ kind, title, named: all.slice(0, MOST_NAMED), more: Math.max(0, all.length - MOST_NAMED) }];
  return [
    ...trouble(
      'incidents',
      counted(incidents.length, 'open incident'),
      incidents.map(({ incidentId: id, about, finding, openedAtMs }) => ({
        ...{ id, text: `${id} (${about})`, about: `${finding}, since ${timeText(openedAtMs)}` },
      })),
    ),
    ...trouble(
      'alarms',
      `${counted(alarms.length, 'alarm')} in ALARM`,
      alarms.map(({ name }) => ({ id: name, text: name })),
    ),
    ...(storeUnreachable ? trouble('store', 'store unreachable', [{ id: '', text: `since ${timeText(storeUnreachable.sinceMs)}` }]) : []),
  ];
}

/** A line for each kind of trouble, with the command that shows more. @param options of a command for the fleet */
export function attentionLines(attention: Attention, options: string): string[] {
  const lines = troublesOf(attention).map((trouble) => {
    const named = trouble.named.map(({ text, about }) => (about === undefined ? text : `${text} ${about}`));
    const more = trouble.more > 0 ? [`${trouble.more} more`] : [];
    return `! ${trouble.title}: ${[...named, ...more].join('; ')}. Next: ${nextOf(trouble, options)}`;
  });
  return [...lines, ...(attention.unread ?? []).map((sentence) => `! ${sentence}`)];
}

function nextOf({ kind, named, more }: Trouble, options: string): string {
  if (kind === 'store') return holdfast(`store ${options}`);
  if (kind === 'alarms') return holdfast(`doctor ${options}`);
  return named.length + more === 1 ? holdfast(`incidents show ${named[0]?.id} ${options}`) : holdfast(`incidents ${options}`);
}

/** What is wrong now, for status and for the strip of every page of the console: alarms in ALARM, open incidents, a store out of reach. */

export interface Attention {
  /** Worst first, the installation's own. Alarms of others, such as those of a scaling policy, fire in normal operation. */
  readonly alarms: readonly AlarmView[];
  /** Without dry runs, which nobody has to act on. */
  readonly incidents: readonly IncidentRow[];
  /** No primary of the store has answered the collector since then; absent while one does. */
  readonly storeUnreachable?: { readonly sinceMs: number };
  /** Sentences about what could not be read. */
  readonly unread?: readonly string[];
}

interface AttentionSource {
  readonly cloud: Pick<Cloud, 'installation'> & {
    readonly incidents: Pick<Stores['incidents'], 'latestIncidents'>;
    readonly store: Stores['store'];
  };
  listAlarms(): Promise<readonly AlarmStatus[]>;
}

export async function readAttention({ cloud, listAlarms }: AttentionSource, nowMs: number): Promise<Attention> {
  const [alarms, incidents, reading, seen] = await Promise.all([
    listAlarms(),
    cloud.incidents.latestIncidents(MAX_INCIDENTS),
    cloud.store.getStore(),
    cloud.store.getUnreachable(),
  ]);
  // Another installation of the account has people and a console of its own.
  const isOwn = ({ name }: AlarmStatus) => name.startsWith(`${cloud.installation}-`);
  // A later reading has ended it.
  const isUnreachable = seen !== undefined && seen.seenAtMs > (reading?.reading.takenAtMs ?? 0);
  return {
    alarms: worstFirst(alarms.filter(isOwn).map(alarmView)).filter(({ state, severity }) => state === 'ALARM' && severity !== undefined),
    incidents: incidents.map((incident) => incidentRow(incident, nowMs)).filter(({ open, dryRun }) => open && !dryRun),
    ...(isUnreachable && { storeUnreachable: { sinceMs: seen.sinceMs } }),
  };
}

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
