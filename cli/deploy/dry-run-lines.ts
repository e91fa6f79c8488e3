/** A dry run as text. Pure. */
import type { DryRunReport, ExpectedTime, PlannedServer } from '../../functions/deploy/dry-run/contract.ts';
import { counted, durationText } from '../../functions/shared/texts.ts';
import { table } from '../output.ts';

const DRAINS: Readonly<Record<PlannedServer['drain'], string>> = {
  counts: "requests in flight, by the application's counts",
  kernel: 'requests in flight, by its connections in the kernel',
  blind: 'nothing: drained blind, by time alone',
  none: 'no drain: it has no release',
};

const seconds = (count: number): string => durationText(count * 1000);

/** What shows when a server can be taken out. */
export function drainWords({ drain, waitsForSessions, sessions, cookie, route }: PlannedServer): string {
  if (!waitsForSessions) return DRAINS[drain];
  const now = sessions === undefined ? 'number unknown' : `${sessions} now`;
  const known = [cookie && `cookie ${cookie}`, route && `route ${route}`].filter(Boolean);
  return `sessions (${[now, ...known].join(', ')}), then ${DRAINS[drain]}`;
}

/** Which servers are out of service at the same time: `with i-2, i-3`; `alone`. */
export const togetherWords = ({ togetherWith }: Pick<PlannedServer, 'togetherWith'>): string =>
  togetherWith.length > 0 ? `with ${togetherWith.join(', ')}` : 'alone';

/** When a server's roll begins, counted from the first one's: `after 40.0 s`; empty where that is unknown. */
export const startWords = ({ startsAfterSeconds }: Pick<PlannedServer, 'startsAfterSeconds'>): string =>
  startsAfterSeconds === undefined ? '' : `after ${seconds(startsAfterSeconds)}`;

/** `one at a time; after the first it waits for at most 30 m to be continued` */
export function orderWords(atATime: number, pause: DryRunReport['pause']): string {
  const order = atATime === 1 ? 'one at a time' : `at most ${atATime} at a time`;
  if (!pause) return order;
  const first = pause.after === 1 ? 'the first one' : `the first ${pause.after}`;
  return `${order}; after ${first} it waits for at most ${seconds(pause.seconds)} to be continued`;
}

/** `1 m 20 s, by deploy d1 (draining 12.0 s, installing 9.0 s per server)` */
export function expectedWords(expected: ExpectedTime | undefined, pause: DryRunReport['pause']): string {
  if (!expected) return 'unknown: no deploy that succeeded is on record';
  const phases = Object.entries(expected.phases).map(([phase, mean]) => `${phase} ${seconds(mean)}`);
  const waits = pause ? `, of which ${seconds(pause.seconds)} at most wait to be continued` : '';
  return `${seconds(expected.seconds)}${waits}, by deploy ${expected.deployId} (per server: ${phases.join(', ')})`;
}

/** For how long Auto Scaling stays suspended; undefined for a fleet without a group. */
export function suspendedWords({ suspendsAutoScaling, expected, worst }: DryRunReport): string | undefined {
  if (!suspendsAutoScaling) return undefined;
  const most = worst && `at most ${seconds(worst.suspendedSeconds)}`;
  return [...(expected ? [`about ${seconds(expected.suspendedSeconds)}`] : []), ...(most ? [most] : [])].join(', ');
}

export function dryRunLines(report: DryRunReport): string[] {
  const {
    fleet,
    version,
    from,
    refused,
    refusals,
    servers,
    unchanged,
    atATime,
    expected,
    worst,
    warnings,
    unchecked,
    pause,
    people,
    sessions,
  } = report;
  const suspended = suspendedWords(report);
  const rows = servers.map((server, index) => [
    `  ${index + 1}`,
    server.instanceId,
    server.zone ?? 'zone unknown',
    server.version === 'unknown' ? 'release unknown' : server.version,
    server.health,
    startWords(server),
    togetherWords(server),
    drainWords(server),
  ]);
  const count = counted(servers.length, 'server');
  return [
    `dry run  ${from} → ${version} in fleet ${fleet}; nothing was changed`,
    refused ? 'result   the deploy would be refused:' : 'result   nothing that can be checked refuses the deploy',
    ...refusals.map(({ error, message }) => `  ${error}: ${message}`),
    `order    ${servers.length === 0 ? 'no server to roll' : `${count}, ${orderWords(atATime, pause)}`}`,
    ...(rows.length > 0 ? table(rows).split('\n') : []),
    ...(unchanged.length > 0 ? [`  left alone: ${unchanged.join(', ')}`] : []),
    ...(servers.length > 0 ? [`time     expected: ${expectedWords(expected, pause)}`] : []),
    ...(worst && servers.length > 0
      ? [`         at most: ${seconds(worst.seconds)}, if every wait lasts as long as the settings allow`]
      : []),
    ...(suspended && servers.length > 0
      ? [`scaling  Auto Scaling is suspended for ${suspended}: no policy scales it then, and scheduled actions of that time never run`]
      : []),
    ...(people === undefined ? [] : [`people   ${people}`]),
    ...(sessions === undefined ? [] : [`sessions ${sessions}`]),
    ...warnings.map((sentence) => `warning  ${sentence}`),
    ...unchecked.map(({ check, why }) => `unchecked  ${check}: ${why}`),
  ];
}
