/** The first page: what serves, what is under way, what is wrong, and what to do next. */
import { ifAllowed } from '../cli/aws-errors.ts';
import { optionsOf } from '../cli/command-options.ts';
import { gateWords } from '../cli/gate/gate-lines.ts';
import { type AlarmView, type Attention, alarmView, readAttention, worstFirst } from '../cli/installation/attention/attention-words.ts';
import { replacedLines } from '../cli/installation/replaced-servers.ts';
import { type AgedReading, withAge } from '../cli/store/render-reading.ts';
import type { GateRecord } from '../functions/gate/contract.ts';
import type { InstanceRecord } from '../functions/records/types.ts';
import { counted } from '../functions/shared/texts.ts';
import type { Backend } from './backend.ts';
import { type DeployView, readFleet } from './deploys.ts';
import { nextSteps, type Step } from './next-steps.ts';
import { notShown } from './place.ts';
import { isOldReading } from './store.ts';

export interface ServerRow {
  readonly instanceId: string;
  readonly version: string;
  readonly installedAtMs: number;
  readonly isCurrent: boolean;
}

export interface OverviewView {
  readonly fleet: string;
  readonly release: string | undefined;
  /** The one that is running, or else the last one. */
  readonly latest: DeployView | undefined;
  readonly servers: readonly ServerRow[];
  /** `all 3 servers have 1.1.0`; `2 of 3 servers have 1.1.0; i-0a1 has 1.0.0` */
  readonly serversWords: string;
  readonly isMixed: boolean;
  /** Servers that Auto Scaling replaced lately, a sentence each. */
  readonly replaced: readonly string[];
  readonly attention: Attention;
  /** Absent until the collector's first reading. */
  readonly store?: Pick<AgedReading, 'activeSessions' | 'hitRatePercent' | 'memoryPercent' | 'takenAtMs'> & { readonly isOld: boolean };
  /** Of the last session gate; absent without one. */
  readonly gate?: Pick<GateRecord, 'verdict' | 'endedAtMs'> & { readonly words: readonly string[] };
  /** The most urgent first; empty when there is nothing to do. */
  readonly next: readonly Step[];
  /** Of a local cloud: what a newcomer can try. */
  readonly tries: readonly Step[];
}

export async function readOverview(backend: Backend, nowMs: number): Promise<OverviewView> {
  const { cloud } = backend;
  const [fleet, installed, replaced, attention, store, seen, tries, [gate] = []] = await Promise.all([
    readFleet(cloud, nowMs, 1),
    cloud.records.getInstances(cloud.fleet),
    backend.replaced(nowMs),
    readTrouble(backend, nowMs),
    cloud.store.getStore(),
    cloud.store.getUnreachable(),
    backend.tries?.() ?? [],
    ifAllowed(cloud.gates),
  ]);
  const { currentVersion: release, latest, releases } = fleet;
  const servers = serverRows(installed, release);
  const words = serversWords(servers, release);
  const isMixed = release !== undefined && servers.some(({ isCurrent }) => !isCurrent);
  const reading = store && withAge(store.reading, seen, nowMs);
  return {
    fleet: fleet.fleet,
    release,
    latest,
    servers,
    serversWords: words,
    isMixed,
    replaced: replacedLines(replaced),
    attention,
    tries,
    ...(reading && { store: pick(reading) }),
    ...(gate && { gate: { verdict: gate.verdict, endedAtMs: gate.endedAtMs, words: gateWords(gate) } }),
    next: nextSteps({
      attention,
      release,
      published: releases[0]?.version,
      latest,
      mixed: isMixed ? words : undefined,
      options: optionsOf(cloud),
    }),
  };
}

export interface AlarmsView {
  /** Worst first. */
  readonly alarms: readonly AlarmView[];
  /** Why none can be seen, in a sentence. */
  readonly none?: string;
}

/** The installation's. Who may not see them, as with the operator's policy alone, sees everything else. */
export async function readAlarms({ cloud, listAlarms }: Backend): Promise<AlarmsView> {
  const found = await ifAllowed(() => listAlarms());
  return found ? { alarms: worstFirst(found.map(alarmView)) } : { alarms: [], none: noAlarms(cloud) };
}

export async function readTrouble({ cloud, listAlarms }: Backend, nowMs: number): Promise<Attention> {
  const found = await ifAllowed(() => listAlarms('ALARM'));
  const attention = await readAttention({ cloud, listAlarms: async () => found ?? [] }, nowMs);
  return { ...attention, ...(!found && { unread: [noAlarms(cloud)] }) };
}

const noAlarms = (cloud: Backend['cloud']): string => notShown('Alarms', 'cloudwatch:DescribeAlarms', cloud);

const pick = ({ activeSessions, hitRatePercent, memoryPercent, takenAtMs, ...reading }: AgedReading) => ({
  isOld: isOldReading(reading),
  activeSessions,
  hitRatePercent,
  memoryPercent,
  takenAtMs,
});

/** Those with another release first. */
export const serverRows = (installed: readonly InstanceRecord[], release: string | undefined): ServerRow[] =>
  installed
    .map((instance) => ({ ...instance, isCurrent: instance.version === release }))
    .toSorted((a, b) => Number(a.isCurrent) - Number(b.isCurrent) || a.instanceId.localeCompare(b.instanceId, 'en'));

/** Names at most this many servers that differ; the table has all. */
const MOST_NAMED = 3;

export function serversWords(servers: readonly ServerRow[], release: string | undefined): string {
  if (servers.length === 0) return 'no server has a release yet';
  const count = (some: readonly ServerRow[]) => counted(some.length, 'server');
  if (release === undefined) return `${count(servers)}, and no current release`;
  const others = servers.filter(({ isCurrent }) => !isCurrent);
  if (others.length === 0) return servers.length === 1 ? `the only server has ${release}` : `all ${servers.length} servers have ${release}`;
  const named = others.slice(0, MOST_NAMED).map(({ instanceId, version }) => `${instanceId} has ${version}`);
  const more = others.length > MOST_NAMED ? [`${others.length - MOST_NAMED} more differ`] : [];
  return `${servers.length - others.length} of ${count(servers)} have ${release}; ${[...named, ...more].join(', ')}`;
}
