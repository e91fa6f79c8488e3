/** A leak of keys in a store that is watched, from its beginning to the end of its alarm. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudFormationClient, DescribeStacksCommand, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Cloud } from '../../../cli/cloud.ts';
import { runRunbook } from '../../../cli/incidents/run-runbook.ts';
import type { OpenCloud } from '../../../cli/open-stores.ts';
import type { Output } from '../../../cli/output.ts';
import { sweep } from '../../../cli/sweep/sweep.ts';
import type { IncidentRecord } from '../../../functions/incidents/contract/incident.ts';
import { storeAlarmName, storeFunctionName } from '../../../functions/shared/naming.ts';
import { waitUntil } from '../../processes/wait.ts';
import { untilAborted } from '../interruption.ts';
import { recordingOutput } from '../recording-output.ts';
import type { StoreSummary } from './store-summary.ts';
import type { Watch, WatchedStore } from './watch-store.ts';

/** So many that sessions of the leak are not nearly all: then a sweep would ask before it repairs. */
const NEWCOMERS_PER_SECOND = 20;
const ALARM_LIMIT_MS = 600_000;
const POLL_MS = 250;
/** Each short minute of an alarm has a reading, and none comes closer than the collector takes two. */
const BETWEEN_READINGS_MS = 2_100;

/** From the beginning of a leak to the end of its alarm. */
export async function followLeak(watched: WatchedStore, { signal, log }: Watch): Promise<Omit<StoreSummary, 'setupSeconds' | 'peakRssMb'>> {
  const { cloud, shop } = watched;
  // While the cloud is up: an alarm on a silent collector has short minutes too.
  if (!watched.realTime) void readOften(cloud, signal);
  const installed = await countResources(cloud);
  await untilTrue('a reading of the store', signal, async () => (await cloud.store.getStore()) !== undefined);
  const beganAtMs = Date.now();
  const seconds = () => (Date.now() - beganAtMs) / 1_000;
  log("the shop's next release stores sessions without an expiry (disableTTL of connect-redis), and users log in");
  await shop.restart({ disableTTL: true });
  const leak = new AbortController();
  const newcomers = shop.newcomers(NEWCOMERS_PER_SECOND, AbortSignal.any([signal, leak.signal]));
  const alarm = storeAlarmName(cloud.installation, 'keys-without-ttl');
  await untilAlarm(cloud, alarm, 'ALARM', signal);
  log(`${alarm} is in ALARM; its rule starts a sweep; holdfast incidents run session-explosion`);
  const ran = commandResult((output) => runRunbook('session-explosion', { yes: true }, output)) as Promise<{ incident: IncidentRecord }>;
  // The owner needs the finding, and not the report that follows it.
  await Promise.race([ran, untilTrue("the runbook's finding", signal, () => hasCause(cloud, beganAtMs))]);
  log("the runbook has found a cause; the shop's owner takes the release back");
  leak.abort();
  await newcomers;
  await shop.restart({ disableTTL: false });
  await untilTrue("the alarm's sweep", signal, async () =>
    (await sweepsSince(cloud, beganAtMs)).some(({ status }) => status !== 'RUNNING'),
  );
  log('holdfast sweep');
  await commandResult((output) => sweep({ yes: true }, output));
  await untilAlarm(cloud, alarm, 'OK', signal);
  log(`${alarm} is OK again`);
  const { cause, confidence } = causeOf((await ran).incident);
  log(`the runbook's report is written: ${cause} (${confidence})`);
  const reading = (await cloud.store.getStore())?.reading;
  const repaired = (await sweepsSince(cloud, beganAtMs)).reduce((sum, { summary }) => sum + (summary?.repaired ?? 0), 0);
  const store = { sessions: reading?.activeSessions ?? 0, withoutTtl: reading?.withoutTtl ?? 0, repaired };
  return { ...installed, store, incident: { cause, confidence }, seconds: seconds() };
}

/** As the collector's schedule does, as often as the shortened minutes of alarms want. */
async function readOften({ client, installation }: Cloud, signal: AbortSignal): Promise<void> {
  const lambda = new LambdaClient(client);
  const invoke = new InvokeCommand({
    FunctionName: `${storeFunctionName(installation, 'collect')}:live`,
    Payload: JSON.stringify({ step: 'collect' }),
  });
  while (!signal.aborted) {
    await lambda.send(invoke, { abortSignal: signal }).catch(() => undefined);
    await sleep(BETWEEN_READINGS_MS, undefined, { signal }).catch(() => undefined);
  }
  lambda.destroy();
}

async function countResources({ client, installation }: Cloud): Promise<Pick<StoreSummary, 'stacks' | 'resources'>> {
  const cloudFormation = new CloudFormationClient(client);
  try {
    const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({}));
    const names = Stacks.flatMap(({ StackName }) => (StackName?.startsWith(`${installation}-`) ? [StackName] : []));
    let resources = 0;
    for (const StackName of names)
      for await (const page of paginateListStackResources({ client: cloudFormation }, { StackName }))
        resources += page.StackResourceSummaries?.length ?? 0;
    return { stacks: names.length, resources };
  } finally {
    cloudFormation.destroy();
  }
}

async function untilAlarm({ client }: Cloud, AlarmName: string, wanted: 'ALARM' | 'OK', signal: AbortSignal): Promise<void> {
  const cloudWatch = new CloudWatchClient(client);
  try {
    await untilTrue(`${wanted} of ${AlarmName}`, signal, async () => {
      const { MetricAlarms } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [AlarmName] }));
      return MetricAlarms?.[0]?.StateValue === wanted;
    });
  } finally {
    cloudWatch.destroy();
  }
}

const untilTrue = (what: string, signal: AbortSignal, isTrue: () => Promise<boolean>): Promise<unknown> =>
  untilAborted(waitUntil(what, isTrue, { timeoutMs: ALARM_LIMIT_MS, pollMs: POLL_MS }), signal);

async function sweepsSince({ sweeps }: OpenCloud<'sweeps'>, sinceMs: number) {
  return (await sweeps.latestSweeps(20)).filter(({ startedAtMs }) => startedAtMs >= sinceMs);
}

/** `holdfast incidents` shows it from then on. */
const hasCause = async ({ incidents }: OpenCloud<'incidents'>, sinceMs: number): Promise<boolean> =>
  (await incidents.latestIncidents(1)).some(({ openedAtMs, finding }) => openedAtMs >= sinceMs && finding?.verdict === 'cause');

function causeOf({ finding }: IncidentRecord): StoreSummary['incident'] {
  if (finding?.verdict !== 'cause') return { cause: finding?.verdict ?? 'unknown', confidence: 'unknown' };
  return { cause: finding.cause, confidence: finding.confidence };
}

/** What a command prints with --json. */
async function commandResult(run: (output: Output) => Promise<number>): Promise<unknown> {
  const kept = recordingOutput();
  await run(kept.output);
  return kept.result;
}
