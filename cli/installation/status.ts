import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { waitingLines } from '../../functions/deploy/pause/pause-text.ts';
import {
  describeHolder,
  type FleetNow,
  isVanished,
  nothingToResume,
  outcomeText,
  releaseText,
} from '../../functions/records/outcome-text.ts';
import type { DeployRecord, InstanceRecord, LockRecord, TargetProgress } from '../../functions/records/types.ts';
import { holdfast } from '../../functions/shared/command-options.ts';
import { STORE_PART } from '../../functions/shared/naming.ts';
import { ifAllowed } from '../aws-errors.ts';
import { canaryLines } from '../canary/canary-lines.ts';
import type { CloudOptions } from '../cloud.ts';
import { optionsOf } from '../command-options.ts';
import { inOrder, targetLine, warningLines } from '../deploy/deploy-progress.ts';
import { statusOf } from '../deploy/deploys.ts';
import { toFailure } from '../failure.ts';
import { gateLines } from '../gate/gate-lines.ts';
import { nameMissingPolicy } from '../name-missing-policy.ts';
import { type OpenCloud, openStores } from '../open-stores.ts';
import type { Output } from '../output.ts';
import { type Attention, attentionLines, readAttention } from './attention/attention-words.ts';
import { listAlarms } from './attention/list-alarms.ts';
import { connectToRead } from './connect-to-installation.ts';
import { newerLines, readNewer } from './newer-variables.ts';
import { readPart } from './read-deployed.ts';
import { readReplaced, replacedLines } from './replaced-servers.ts';

/** Shows what is wrong now, the current release, the release of each instance, the lock and the latest deploy. */
export async function status(options: CloudOptions, output: Output): Promise<void> {
  const cloud = openStores(
    await connectToRead(options, STORE_PART, true),
    'records',
    'incidents',
    'store',
    'canary',
    'gates',
    'stepFunctions',
  );
  output.at(cloud);
  const nowMs = Date.now();
  if (cloud.fleet === STORE_PART) return statusOfStore(cloud, nowMs, output);
  const [fleet, instances, lock, [latest], replaced, canary, attention, gates = []] = await Promise.all([
    cloud.records.getFleet(cloud.fleet),
    cloud.records.getInstances(cloud.fleet),
    cloud.records.getLock(cloud.fleet),
    cloud.records.latestDeploys(cloud.fleet, 1),
    readReplaced(cloud, nowMs),
    ifAllowed(cloud.canary),
    readableAttention(cloud, nowMs),
    ifAllowed(cloud.gates),
  ]);
  const newer = await readNewer(cloud, instances).catch((error: unknown) => ({ unread: toFailure(error).message }));
  const executionStatus = latest && (await currentStatus(cloud, latest));
  const over = latest && nothingToResume(latest, { instances, currentVersion: fleet?.currentVersion });
  const value = {
    currentVersion: fleet?.currentVersion ?? null,
    instances,
    replaced,
    newerConfiguration: newer ?? null,
    deployInProgress: lock?.heldBy === undefined ? (lock?.deployId ?? null) : null,
    lock: lock?.deployId === undefined ? null : { ...lock, openDeploys: [...(lock.openDeploys ?? [])] },
    canary: canary ?? null,
    sessionGates: gates,
    attention,
    latestDeploy: latest ? { ...latest, executionStatus, nothingToResume: over ?? null } : null,
  };
  output.result(value, () =>
    [
      ...attentionLines(attention, optionsOf(cloud)),
      `release  ${fleet?.currentVersion ?? (value.deployInProgress === null ? howToBegin(optionsOf(cloud)) : 'none yet: the first deploy runs')}`,
      ...instances.map((instance: InstanceRecord) => `  ${instance.instanceId}  ${instance.version}`),
      ...replacedLines(replaced),
      ...newerLines(newer, cloud),
      lockLine(lock, nowMs),
      ...(latest ? deployLines(latest, executionStatus ?? latest.status, { nowMs, instances, currentVersion: fleet?.currentVersion }) : []),
      ...canaryLines(canary, nowMs),
      ...gateLines(gates, nowMs),
    ].join('\n'),
  );
}

const howToBegin = (options: string): string =>
  `none yet. Publish one with "${holdfast(`releases publish VERSION PATH ${options}`)}", then run "${holdfast(`deploy VERSION ${options}`)}"`;

/** Where no fleet is, only what watches the store has a status. */
async function statusOfStore(cloud: OpenCloud<'incidents' | 'store' | 'gates'>, nowMs: number, output: Output): Promise<void> {
  const [attention, part, sessionGates = []] = await Promise.all([
    readableAttention(cloud, nowMs),
    readPart(cloud, STORE_PART),
    ifAllowed(cloud.gates),
  ]);
  const options = optionsOf(cloud);
  if (part.state === 'absent') {
    const gone = `Nothing of installation ${cloud.installation} is deployed: its table of records is what is left, and nothing watches the store.`;
    return output.result({ fleet: null, deployed: false, attention }, () => gone);
  }
  const trouble = attentionLines(attention, options);
  output.result({ fleet: null, attention, sessionGates }, () =>
    [
      ...(trouble.length > 0 ? trouble : ['No incident is open, and no alarm is in ALARM.']),
      `Holdfast watches the session store alone: no fleet is configured. See its latest reading with: ${holdfast(`store ${options}`)}`,
      ...gateLines(sessionGates, nowMs),
    ].join('\n'),
  );
}

/** The record of a deploy that was stopped by force stays RUNNING, so its execution's status counts. */
const currentStatus = async (cloud: OpenCloud<'stepFunctions'>, { status, executionArn }: DeployRecord): Promise<string> =>
  status === 'RUNNING' ? ((await statusOf(cloud, executionArn)) ?? status) : status;

/** The lock's holder, since when it holds the lock, and whether it still renews its lease. */
export function lockLine(lock: LockRecord | undefined, nowMs: number): string {
  if (lock?.deployId === undefined) return 'lock     free';
  const since = lock.acquiredAtMs === undefined ? '' : ` since ${new Date(lock.acquiredAtMs).toISOString()}`;
  const expired = lock.expiresAtMs !== undefined && lock.expiresAtMs <= nowMs;
  const until = lock.expiresAtMs === undefined ? '' : `, lease until ${new Date(lock.expiresAtMs).toISOString()}`;
  const lease = expired ? '; its lease has expired, so the next deploy takes the lock over' : until;
  return `lock     held${since} by ${describeHolder(lock)}, requested by ${lock.requestedBy ?? 'an unknown user'}${lease}`;
}

function deployLines(deploy: DeployRecord, executionStatus: string, now: FleetNow & { readonly nowMs: number }): string[] {
  const { stage, error } = deploy;
  const over = nothingToResume(deploy, now);
  const outcome = over === undefined ? deploy.outcome : `${over}.`;
  const gone = (id: string, target: TargetProgress) =>
    deploy.status !== 'RUNNING' && isVanished(id, target, now) ? '; no longer in the fleet' : '';
  return [
    `latest   ${releaseText(deploy)}  ${deploy.status === 'RUNNING' ? `${executionStatus}, ${stage}` : outcomeText(deploy)}  ${deploy.deployId}`,
    ...(error ? [`  ${error.Error}: ${error.Cause}`] : []),
    ...((!error || over !== undefined) && outcome ? [`  ${outcome}`] : []),
    ...(executionStatus === 'RUNNING' ? waitingLines(deploy).map((line) => `  ${line}`) : []),
    ...warningLines(deploy),
    ...inOrder(deploy).map(([id, target]) => `${targetLine(id, target, { status: executionStatus }, now.nowMs)}${gone(id, target)}`),
  ];
}

/** What is wrong now, as far as it can be read: a status without its alarms is still one. */

type Source = Pick<OpenCloud, 'client' | 'installation' | 'fleet' | 'incidents' | 'store'>;

/** With a sentence in `unread` for each of alarms, incidents and store that could not be read. */
export async function readableAttention(cloud: Source, nowMs: number): Promise<Attention> {
  const { client, installation, fleet, incidents, store } = cloud;
  const cloudWatch = nameMissingPolicy(new CloudWatchClient(client), installation, fleet, { DescribeAlarmsCommand: 'reader' });
  const unread: string[] = [];
  const orUnread = <T>(what: string, read: Promise<T>, otherwise: T): Promise<T> =>
    read.catch((error: unknown) => {
      const sentence = `${what} were not read: ${toFailure(error).message}`;
      if (!unread.includes(sentence)) unread.push(sentence);
      return otherwise;
    });
  try {
    const attention = await readAttention(
      {
        cloud: {
          installation,
          incidents: { latestIncidents: (most) => orUnread('incidents', incidents.latestIncidents(most), []) },
          store: {
            getStore: () => orUnread("the store's readings", store.getStore(), undefined),
            getUnreachable: () => orUnread("the store's readings", store.getUnreachable(), undefined),
          },
        },
        // An account can have thousands, and other installations theirs.
        listAlarms: () => orUnread('alarms', listAlarms(cloudWatch, { AlarmNamePrefix: `${installation}-` }), []),
      },
      nowMs,
    );
    return { ...attention, ...(unread.length > 0 && { unread }) };
  } finally {
    cloudWatch.destroy();
  }
}
