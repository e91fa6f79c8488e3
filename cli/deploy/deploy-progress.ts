/** A deploy's record as lines for a terminal, one per target. Pure. */

import { continuedWords, waitingLines } from '../../functions/deploy/pause/pause-text.ts';
import { targetsAtWork } from '../../functions/deploy/rolls/in-flight.ts';
import { hasEnded } from '../../functions/deploy/target-phases.ts';
import { isCutShort, peopleText, phaseWords } from '../../functions/records/outcome-text.ts';
import type { DeployRecord, TargetProgress } from '../../functions/records/types.ts';
import { clockText, counted } from '../../functions/shared/texts.ts';
import { releaseWords } from '../../functions/shared/version.ts';

/** What the words of a target depend on: whether its deploy, or the deploy's execution, has ended. */
export interface DeployEnd {
  readonly status: string;
}

/** One line for a target: `  i-0abc  draining 12 s, in flight 3`. */
export const targetLine = (instanceId: string, target: TargetProgress, deploy: DeployEnd, nowMs: number): string =>
  `  ${instanceId}  ${targetWords(target, deploy, nowMs)}`;

/** A target's phase in words: `draining 12 s, in flight 3`. */
export function targetWords(target: TargetProgress, { status }: DeployEnd, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - target.phaseStartedAtMs) / 1000));
  const since = seconds === 0 ? '' : ` ${seconds} s`;
  const words: Record<TargetProgress['phase'], string> = {
    waiting: 'waiting',
    preparing: `preparing the server, which is still serving${target.detail ? `: ${target.detail}` : ''}`,
    pinning: `keeping its sessions on it${since}`,
    sessionDrain: `waiting for its sessions${since}${sessionWords(target)}${target.detail ? `; ${target.detail}` : ''}`,
    draining: `draining${since}${drainWords(target)}`,
    installing: 'installing',
    checkingReadiness: `readiness check, ${target.upInARow ? `UP ${target.upInARow} times in a row` : 'not UP yet'}`,
    registering: 'registering, waiting for the load balancer',
    baking: `baking${since}`,
    done: `done${target.finishedAtMs && target.startedAtMs ? ` in ${((target.finishedAtMs - target.startedAtMs) / 1000).toFixed(1)} s` : ''}`,
    failed: `failed${target.detail ? `: ${target.detail}` : ''}`,
    rolledBack: `rolled back to ${releaseWords(target.rollingBackTo ?? target.fromVersion)}`,
    skipped: `skipped: ${target.detail ?? `has ${target.fromVersion} already`}`,
  };
  const isRollingBack = target.rollingBackTo !== undefined && !['rolledBack', 'failed'].includes(target.phase);
  const isOver = isCutShort(target, status);
  const cut = `${phaseWords(target, status)}${target.detail ? `: ${target.detail}` : ''}`;
  return `${isRollingBack ? `rolling back to ${releaseWords(target.rollingBackTo)}: ` : ''}${isOver ? cut : words[target.phase]}`;
}

/** What is left of a target's sessions, and how long they are waited for: `, 3 left, until 10:32:00 UTC at the latest`. */
export function sessionWords({ sessionsLeft, sessionDrainEndsAtMs, endDrain, phaseStartedAtMs }: TargetProgress): string {
  if (endDrain && endDrain.atMs >= phaseStartedAtMs) return `, ended by ${endDrain.requestedBy}`;
  return [
    sessionsLeft === undefined ? '' : `, ${sessionsLeft} left`,
    sessionDrainEndsAtMs === undefined ? '' : `, until ${clockText(sessionDrainEndsAtMs)} UTC at the latest`,
  ].join('');
}

/** What shows a target's requests while it drains, and what it shows: `, in flight 3 (by counts), 2 long-lived`. */
function drainWords({ inFlight, drainSignal, longLived, sessions, endDrain, phaseStartedAtMs }: TargetProgress): string {
  if (drainSignal === 'blind') return ', blind: nothing shows its requests';
  return [
    inFlight === undefined ? '' : `, in flight ${inFlight}${drainSignal === undefined ? '' : ` (${SIGNALS[drainSignal]})`}`,
    longLived ? `, ${longLived} long-lived` : '',
    sessions ? `, ${counted(sessions, 'session')} in memory` : '',
    endDrain && endDrain.atMs > phaseStartedAtMs ? `, ended by ${endDrain.requestedBy}` : '',
  ].join('');
}

/** Words for what showed a drain's requests. */
export const SIGNALS = {
  counts: "by the application's counts",
  kernel: 'by the kernel',
  blind: 'blind',
} as const satisfies Record<NonNullable<TargetProgress['drainSignal']>, string>;

/** The targets in the order of the plan. */
export const inOrder = (record: DeployRecord): [string, TargetProgress][] =>
  Object.entries(record.targets).sort(([, a], [, b]) => a.order - b.order);

export const warningLines = ({ warnings = [] }: DeployRecord): string[] => warnings.map((sentence) => `  warning: ${sentence}`);

/** What it looks at people by, and what that showed; whether both releases' sessions are tried. */
export const lookLines = ({ people, sessions }: Pick<DeployRecord, 'people' | 'sessions'>): readonly (readonly [string, string])[] => [
  ...(people ? [['people', peopleText(people)] as const] : []),
  ...(sessions === undefined ? [] : [['sessions', sessions] as const]),
];

const lookTexts = (record: DeployRecord): string[] => lookLines(record).map(([what, words]) => `  ${what}: ${words}`);

/** What the deploy waits for, until when, and with which commands it goes on; who has continued it. */
export function pauseLines(record: DeployRecord): string[] {
  const continued = continuedWords(record);
  return [...(continued === undefined ? [] : [continued]), ...waitingLines(record)].map((line) => `  ${line}`);
}

/** The whole state: the stage, and one line per target. */
export function snapshotLines(record: DeployRecord, nowMs: number): string[] {
  return [
    `  ${record.stage}`,
    ...lookTexts(record),
    ...warningLines(record),
    ...pauseLines(record),
    ...inOrder(record).map(([instanceId, target]) => targetLine(instanceId, target, record, nowMs)),
  ];
}

/** `10 servers at once, 3 of 40 done`; `1 server at work, none of 3 done`; `3 of 40 done` while none is at work. */
export function summaryWords({ targets }: Pick<DeployRecord, 'targets'>): string {
  const atWork = targetsAtWork(targets).length;
  const all = Object.values(targets);
  const ended = all.filter((target) => hasEnded(target) || target.phase === 'skipped').length;
  const working = atWork === 0 ? '' : atWork === 1 ? '1 server at work, ' : `${atWork} servers at once, `;
  return `${working}${ended === 0 ? 'none' : ended} of ${all.length} done`;
}

/** Lines for what has changed since the last call with the same `seen`; the passing of time is not a change. */
export function progressLines(record: DeployRecord, seen: Map<string, string>, nowMs: number): string[] {
  const lines: string[] = [];
  const add = (key: string, state: string, line: string) => {
    if (seen.get(key) === state) return;
    seen.set(key, state);
    lines.push(line);
  };
  add('stage', record.stage, `  ${record.stage}`);
  for (const line of [...lookTexts(record), ...warningLines(record)]) add(line, line, line);
  const targets = inOrder(record);
  const isCrowded = targetsAtWork(record.targets).length > MOST_IN_DETAIL;
  if (isCrowded) {
    const summary = `  ${summaryWords(record)}`;
    add('at once', summary, summary);
  }
  for (const [instanceId, target] of targets) {
    if (target.phase === 'waiting') continue;
    const inDetail = targetLine(instanceId, target, record, target.phaseStartedAtMs);
    add(instanceId, isCrowded ? target.phase : inDetail, targetLine(instanceId, target, record, nowMs));
  }
  for (const line of pauseLines(record)) add(line, line, line);
  return lines;
}

/** What goes on, where nothing has changed for a while. */
export function atWorkLines(record: DeployRecord, nowMs: number): readonly string[] {
  const atWork = targetsAtWork(record.targets);
  if (atWork.length > MOST_IN_DETAIL) return [`  ${summaryWords(record)}`];
  if (atWork.length === 0) return [`  ${record.stage}, ${Math.round((nowMs - record.startedAtMs) / 1000)} s since the deploy began`];
  return atWork.map((target) => targetLine(target.instanceId, target, record, nowMs));
}

/** Up to this number of servers at once, each change of a server's request count is a line; with more, only a change of its phase is. */
const MOST_IN_DETAIL = 3;
