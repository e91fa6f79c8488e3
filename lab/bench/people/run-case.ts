/** One case: the shop's release serves, people come, and the new release is deployed. */
import { glob, truncate } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetCommandInvocationCommand, ListCommandInvocationsCommand, ListCommandsCommand, SSMClient } from '@aws-sdk/client-ssm';
import { type CloudState, readCloudState } from '../../../cli/cloud-state.ts';
import { startDeploy } from '../../../cli/deploy/deploy.ts';
import { followDeploy } from '../../../cli/deploy/follow-deploy.ts';
import { DOCUMENT_STEPS, DOCUMENTS } from '../../../functions/instance/document-contract.ts';
import { PEOPLE_KINDS, type PeopleAnswer, type PeopleKind, peopleOutput } from '../../../functions/people/contract.ts';
import { unitOf } from '../../../functions/people/judge-people.ts';
import type { DeployRecord } from '../../../functions/records/types.ts';
import { CLIENT_OPTIONS } from '../../../functions/shared/aws/client-options.ts';
import { printable } from '../../../functions/shared/foreign-text.ts';
import { documentName } from '../../../functions/shared/naming.ts';
import type { LocalInstallation } from '../../demo/bring-up.ts';
import { faultControl } from '../../demo/fault-control.ts';
import { knownFault } from '../../demo/incident-faults/command.ts';
import { clearFaults, injectFault } from '../../demo/incident-faults/inject.ts';
import { localFaultPorts } from '../../demo/incident-faults/local-ports.ts';
import { publishApp } from '../../demo/publish-app.ts';
import { balancerDimensions, MINUTE_MS } from '../incidents/plant-baseline.ts';
import { type Case, USUAL } from './cases.ts';
import type { RecordedLook, ReleaseCase } from './contract.ts';
import { type Met, startCrowd } from './crowd.ts';
import { type App, buildRelease, type Release } from './shops.ts';

export interface Bench {
  readonly installation: LocalInstallation;
  readonly log: (line: string) => void;
  serving: { readonly app: App; readonly release: Release };
  published: number;
}

/** People are there so long before the deploy. */
const BEFORE_MS = 30_000;
/** Where the load balancer's minutes are judged: the one in which people came is over, and published. */
const BEFORE_MINUTES_MS = 75_000;
const AFTER_MS = 3_000;
const PUBLISH_LIMIT_MS = 120_000;
const BAKES_BY_MS = 60_000;
const POLL_MS = 500;

export async function runCase(on: Bench, one: Case): Promise<{ readonly measured: ReleaseCase; readonly looks: readonly RecordedLook[] }> {
  const { installation, log } = on;
  const { loadBalancerUrl: url, daemon } = installation;
  const from = one.from ?? {};
  if (on.serving.app !== one.app || JSON.stringify(on.serving.release) !== JSON.stringify(from)) {
    const ended = await deploy(on, await publish(on, one.app, from), { expect: 'turned-away' });
    if (ended.status !== 'SUCCEEDED')
      throw new Error(`the previous release of ${one.name} ended as ${ended.status}: ${ended.error?.Cause}`);
    on.serving = { app: one.app, release: from };
  }
  // What another case did to people within the same ten minutes is not what they met before this deploy.
  for await (const log of glob(path.join(daemon.state.runFolder, 'instances/*/opt/holdfast/var/logs/*'))) await truncate(log);
  const version = await publish(on, one.app, one.release);
  const crowd = { ...USUAL, ...one.crowd };
  const isByMinutes = one.release.without?.includes('log') ?? false;
  const beforeMs = isByMinutes ? BEFORE_MINUTES_MS : BEFORE_MS;
  log(`${one.name}: ${crowd.users} users for ${beforeMs / 1000} s, then the deploy of ${version}`);
  const people = startCrowd({ url, caFile: daemon.state.caFile }, crowd);
  let met: Met;
  const startedAtMs = Date.now() + beforeMs;
  let record: DeployRecord;
  try {
    await sleep(beforeMs);
    if (isByMinutes) await plantHour(installation, people.perMinute());
    people.mark(version);
    record = await deploy(on, version, one);
    await sleep(AFTER_MS);
  } finally {
    met = await people.stop();
  }
  if (record.status === 'SUCCEEDED') on.serving = { app: one.app, release: one.release };
  const { stoppedAtMs = Number.POSITIVE_INFINITY, ...result } = caseOf(one, record);
  const { users, hurt, metNewAtMs, byKind } = met;
  const measured = { ...result, users, hurt, metNew: metNewAtMs.filter((atMs) => atMs <= stoppedAtMs).length };
  log(JSON.stringify({ ...measured, byKind, metNewAtTheEnd: metNewAtMs.length }));
  log(
    printable(`  people: ${record.people?.verdict}: ${record.people?.detail}; ${record.error?.Error ?? ''} ${record.error?.Cause ?? ''}`),
  );
  for (const warning of record.warnings ?? []) log(printable(`  warning: ${warning}`));
  return { measured, looks: await looksOf(on, record, startedAtMs) };
}

/** The hour before, which nobody waits for: minutes like those of the people who are there, which scatter. */
async function plantHour(
  { cloud, daemon }: LocalInstallation,
  [, , ok = 0, redirects = 0, refusals = 0, errors = 0]: readonly number[],
): Promise<void> {
  const dimensions = await balancerDimensions(cloud);
  const control = faultControl(daemon.state);
  const untilMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  for (let fromMs = untilMs - 60 * MINUTE_MS; fromMs < untilMs; fromMs += MINUTE_MS) {
    const crowd = 0.9 + Math.random() / 5;
    const scattered = (mean: number) => Math.max(0, Math.round(crowd * mean + (Math.random() - 0.5) * Math.sqrt(12 * mean)));
    const [target3xx, target4xx, target5xx] = [redirects, refusals, errors].map(scattered) as [number, number, number];
    const metrics = Object.entries({
      RequestCount: scattered(ok) + target3xx + target4xx + target5xx,
      ...{ HTTPCode_Target_3XX_Count: target3xx, HTTPCode_Target_4XX_Count: target4xx, HTTPCode_Target_5XX_Count: target5xx },
    }).map(([name, perMinute]) => ({ namespace: 'AWS/ApplicationELB', name, dimensions, perMinute }));
    const toMs = fromMs + MINUTE_MS;
    await control.plantMetrics({ fromMs, usualUntilMs: toMs, toMs, metrics });
  }
}

async function publish(on: Bench, app: App, release: Release): Promise<string> {
  const { cloud, daemon } = on.installation;
  on.published += 1;
  const version = `2.${on.published}.0`;
  await publishApp({
    ...{ cloud, version, runFolder: daemon.state.runFolder, signal: AbortSignal.timeout(PUBLISH_LIMIT_MS) },
    app: { build: ({ folder }) => buildRelease(folder, app, release) },
  });
  return version;
}

async function deploy(
  { installation: { cloud }, log }: Bench,
  version: string,
  { expect, fault }: Pick<Case, 'expect' | 'fault'>,
): Promise<DeployRecord> {
  const arn = await startDeploy(cloud, version, { ...(expect && { expect }) });
  const deployId = arn.split(':').at(-1) as string;
  const read = () => cloud.records.getDeploy(cloud.fleet, deployId);
  const following = followDeploy(cloud, arn, (line) => log(`  ${line}`));
  following.catch(() => {});
  const state = fault && ((await readCloudState()) as CloudState);
  const ports = state && (await localFaultPorts(cloud, state));
  if (fault && ports) {
    const endMs = Date.now() + BAKES_BY_MS;
    while (!Object.values((await read())?.targets ?? {}).some(({ phase }) => phase === 'baking') && Date.now() < endMs)
      await sleep(POLL_MS);
    await injectFault(knownFault(fault), ports, { duringDeploy: true });
  }
  await following;
  if (ports) await clearFaults(ports);
  return (await read()) as DeployRecord;
}

const isForPeople = ({ error }: DeployRecord): boolean => /UsersTurnedAway|PagesBroken/.test(`${error?.Error} ${error?.Cause}`);

const KIND_WORDS: Readonly<Record<PeopleKind, RegExp>> = {
  turnedAway: /were sent to another page/,
  refused: /were refused/,
  newSession: /got a new session/,
  missingParts: /got 404/,
  serverErrors: /got an error of the server/,
};

function caseOf(
  { name, app, expected }: Case,
  record: DeployRecord,
): Omit<ReleaseCase, 'users' | 'hurt' | 'metNew'> & { readonly stoppedAtMs?: number } {
  const { status, people, targets } = record;
  const withNew = Object.values(targets).filter(({ phases = [] }) => phases.some(({ phase }) => phase === 'registering'));
  const last = withNew.toSorted((a, b) => a.order - b.order).at(-1);
  const phases = last?.phases ?? [];
  const bakes = phases.findIndex(({ phase }) => phase === 'baking');
  const ended = phases.slice(bakes + 1).find(({ phase }) => phase !== 'baking');
  const stopped = status !== 'SUCCEEDED' && isForPeople(record);
  const seconds = bakes >= 0 && ended ? (ended.startedAtMs - (phases[bakes]?.startedAtMs ?? 0)) / 1000 : null;
  return {
    ...{ name, app, expected, outcome: stopped ? 'stop' : status === 'SUCCEEDED' ? 'pass' : 'failed' },
    kind: people?.verdict === 'hurt' ? (PEOPLE_KINDS.find((kind) => KIND_WORDS[kind].test(people.detail)) ?? null) : null,
    serversWithNew: withNew.length,
    secondsToStop: stopped ? seconds : null,
    ...(stopped && ended && { stoppedAtMs: ended.startedAtMs }),
    source: people === undefined || people.verdict === 'unchecked' ? 'unchecked' : people.source,
  };
}

/** What the servers answered to the deploy's looks, from Run Command's own record. */
async function looksOf(
  { installation: { cloud, daemon } }: Bench,
  record: DeployRecord,
  startedAtMs: number,
): Promise<readonly RecordedLook[]> {
  const { gatewayUrl: endpoint, region, credentials } = daemon.state;
  const ssm = new SSMClient({ region, endpoint, credentials, ...CLIENT_OPTIONS });
  const document = documentName(cloud.installation, DOCUMENTS.accessLog);
  const looks: (RecordedLook & { readonly sentAtMs: number })[] = [];
  const ids = Object.keys(record.targets);
  const commands = new Map<string, { sinceMs: number; sentAtMs: number }>();
  for (const InstanceId of ids) {
    const { Commands = [] } = await ssm.send(new ListCommandsCommand({ InstanceId, MaxResults: 50 }));
    for (const { CommandId = '', DocumentName, Parameters = {}, RequestedDateTime } of Commands) {
      const sentAtMs = RequestedDateTime?.getTime() ?? 0;
      if (DocumentName !== document || sentAtMs < startedAtMs || Parameters['sinceMs'] === undefined) continue;
      commands.set(CommandId, { sinceMs: Number(Parameters['sinceMs'][0]), sentAtMs });
    }
  }
  const registeredAtMs = (id: string) =>
    record.targets[id]?.phases?.find(({ phase }) => phase === 'registering')?.startedAtMs ?? Number.POSITIVE_INFINITY;
  const firstServer = ids.toSorted((a, b) => registeredAtMs(a) - registeredAtMs(b))[0];
  for (const [CommandId, { sinceMs, sentAtMs }] of commands) {
    const answers = new Map<string, PeopleAnswer>();
    const { CommandInvocations = [] } = await ssm.send(new ListCommandInvocationsCommand({ CommandId }));
    for (const { InstanceId = '' } of CommandInvocations) {
      const { StandardOutputContent = '' } = await ssm.send(
        new GetCommandInvocationCommand({ CommandId, InstanceId, PluginName: DOCUMENT_STEPS.accessLog }),
      );
      const read = peopleOutput.safeParse(JSON.parse(StandardOutputContent.trim().split('\n').at(-1) || '{}'));
      if (read.success && read.data.people) answers.set(InstanceId, read.data.people);
    }
    const ownId = ids.find((id) => Math.abs(registeredAtMs(id) - sinceMs) < 2);
    const own = ownId === undefined ? undefined : answers.get(ownId);
    if (own === undefined || ownId === undefined) continue;
    const others = [...answers].filter(([id]) => id !== ownId);
    const of = (isNew: boolean) => others.filter(([id]) => registeredAtMs(id) < sentAtMs === isNew).map(([, answer]) => answer);
    const read = { own, fresh: of(true), old: of(false) };
    looks.push({ ...read, unit: unitOf(read, record.people?.isSticky ?? false), isFirstServer: ownId === firstServer, sentAtMs });
  }
  ssm.destroy();
  return looks.toSorted((a, b) => a.sentAtMs - b.sentAtMs).map(({ sentAtMs: _, ...look }) => look);
}
