/** One case: faults, the runbook by an alarm or a person, everything back as it was, and a wait until all of it is over. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Evidence } from '../../../functions/incidents/contract/evidence.ts';
import type { Fault } from '../../demo/incident-faults/contract.ts';
import { clearFaults, type FaultPorts, injectFault } from '../../demo/incident-faults/inject.ts';
import { findFault } from '../../demo/incident-faults/table.ts';
import { nameOfAlarm } from './alarms.ts';
import { beginLogs } from './begin-logs.ts';
import { plantEarlierMinutes } from './case-alarms.ts';
import { aboutOf, type BenchCase } from './cases.ts';
import { takeReading } from './collector.ts';
import { dateDeploys } from './date-deploys.ts';
import { type BenchCloud, endEvidence } from './end-evidence.ts';
import { isAsBefore } from './end-incidents.ts';
import { pageProblems } from './expectations.ts';
import { type CaseResult, judgeFinding, mitigationsOf } from './judge.ts';
import { keepEvidence, readEvidence, readPage } from './keep-files.ts';
import { MINUTE_MS, PUBLISHED_MS, plantBaseline } from './plant-baseline.ts';
import { awaitAlarm, type RunbookRun, runRunbook } from './run-runbook.ts';
import { readRunTimes } from './run-times.ts';

export interface CaseEnvironment extends BenchCloud {
  readonly ports: FaultPorts;
  /** The steady users' traffic, which a case can pause. */
  readonly users: { pause(): Promise<void>; goOn(): Promise<void> };
  /** Folder for the evidence of each case. @default none is kept */
  readonly record?: string;
  /** Folder for the page of each case. @default none is kept */
  readonly pages?: string;
  readonly log: (line: string) => void;
}

/** Until the load balancer sends requests to every server again. */
const SETTLED_MS = 3_000;
/** Less of a minute says nothing about its users. */
const LEAST_OF_MINUTE_MS = 20_000;

/** @throws Error when what a fault changed cannot be put back: every later case would see it */
export async function runCase(one: BenchCase, environment: CaseEnvironment): Promise<CaseResult> {
  const { cloud, ports, users } = environment;
  const startedAtMs = Date.now();
  const failed = (error: Error): CaseResult => {
    const nothing = { mitigated: 0, undoneSafely: 0, gaps: {}, detectSeconds: 0, seconds: 0, problems: [] };
    return { name: one.name, found: 'failed', verdict: 'failed', ...nothing, problem: error.message };
  };
  const result = await plantAndFind(one, environment).catch(failed);
  const { left } = await clearFaults(ports, { duringDeploy: true });
  if (left.length > 0) throw new Error(`${one.name} could not be cleared: ${left.join('; ')}`);
  if (one.withoutUsers) await users.goOn();
  // Incidents end as their quiet time does, which also ends what bridges an outage.
  const problem = await endEvidence(environment).then(
    () => undefined,
    (error: Error) => error.message,
  );
  const asBefore = await isAsBefore(cloud);
  const after = result.incidentId === undefined ? undefined : await cloud.incidents.getIncident(result.incidentId);
  return {
    ...result,
    ...(after && mitigationsOf(Object.values(after.mitigations), result.run ?? after.runs, asBefore)),
    problems: [
      ...result.problems,
      ...(problem === undefined ? [] : [problem]),
      ...(asBefore ? [] : ['processes of the Auto Scaling group are suspended, or an incident holds the lock of the fleet']),
    ],
    seconds: (Date.now() - startedAtMs) / 1000,
  };
}

interface Planted {
  /** Before anything of it was set: an incident that was opened earlier is another case's. */
  readonly begunAtMs: number;
  /** When the last fault was set. */
  readonly setAtMs: number;
}

async function plantAndFind(one: BenchCase, environment: CaseEnvironment): Promise<CaseResult> {
  const { cloud, record, pages } = environment;
  const planted = await plant(one, environment);
  const { incident, foundAtMs, ...begun } = await (one.alarm ? byAlarm : byPerson)(one, environment, planted);
  const evidence = await readEvidence(cloud, incident);
  if (record !== undefined && evidence) keepEvidence(record, one, evidence);
  const { finding, mitigations, incidentId, runs: run } = incident;
  if (!finding) throw new Error('the incident has no finding');
  const shown = await readPage(cloud, incidentId, one.name, pages);
  const found = finding.verdict === 'cause' ? finding.cause : finding.verdict;
  const confidence = finding.verdict === 'cause' ? finding.confidence : undefined;
  const verdict = judgeFinding(one, finding);
  const expected = { name: one.name, about: aboutOf(one, cloud.fleet) };
  return {
    ...{ name: one.name, found, verdict, ...begun, ...shown },
    ...(confidence !== undefined && { confidence }),
    detectSeconds: (foundAtMs - planted.setAtMs) / 1000,
    problems: verdict === 'correct' ? pageProblems(expected, found, confidence, shown) : [],
    ...mitigationsOf(Object.values(mitigations), run, false),
    ...{ incidentId, run, gaps: gapsOf(evidence), seconds: 0 },
  };
}

async function plant(one: BenchCase, environment: CaseEnvironment): Promise<Planted> {
  const { cloud, control, ports, users } = environment;
  if (one.withoutUsers) await users.pause();
  if (one.afterDeploy) await dateDeploys(cloud, 0);
  if (one.minute === 'whole') {
    await sleep(untilMinute(Date.now(), 0));
    // The usual requests of the minutes since the case before would hide a rise that lasts a minute.
    await plantBaseline(cloud, environment);
  }
  if (one.alarm) {
    await sleep(untilRoom(Date.now()));
    await plantEarlierMinutes(cloud, control, one.alarm);
  }
  await beginLogs(environment.servers);
  const begunAtMs = Date.now();
  const faults = one.faults.map((name) => onThis(one, findFault(name) as Fault));
  for (const fault of faults) await injectFault(fault, ports, { duringDeploy: true });
  const setAtMs = Date.now();
  // The starts of servers that plant a fault are no part of it: they move users to other servers.
  if (!faults.some(({ cause, changes }) => cause && changes.some(({ kind }) => kind === 'environment'))) return { begunAtMs, setAtMs };
  await sleep(SETTLED_MS);
  await beginLogs(environment.servers);
  return { begunAtMs, setAtMs: setAtMs + SETTLED_MS };
}

/** On Tomcat sessions are in the servers' memory as they are: nothing of the Node example's environment is set. */
const onThis = ({ cloud }: BenchCase, fault: Fault): Fault =>
  cloud === 'redis' || cloud === 'sticky' ? fault : { ...fault, changes: fault.changes.filter(({ kind }) => kind !== 'environment') };

type Begun = RunbookRun & Pick<CaseResult, 'alarm' | 'alarmSeconds'>;

async function byPerson(one: BenchCase, { cloud, log }: CaseEnvironment, { setAtMs }: Planted): Promise<Begun> {
  await sleep(one.waitMs);
  if (one.minute) await sleep(untilMinute(Date.now(), one.minute === 'whole' ? 0 : LEAST_OF_MINUTE_MS - (Date.now() - setAtMs)));
  await takeReading(cloud);
  log(`${one.name}: a person asks for the runbook ${one.runbook}`);
  const sign = { from: 'person', state: 'ALARM', atMs: setAtMs } as const;
  return runRunbook(cloud, { runbook: one.runbook, fleet: cloud.fleet, sign });
}

async function byAlarm(one: BenchCase, { cloud, log }: CaseEnvironment, { begunAtMs, setAtMs }: Planted): Promise<Begun> {
  if (one.alarm === undefined) throw new Error(`no alarm begins ${one.name}`);
  const alarm = nameOfAlarm(one.alarm, cloud.installation, cloud.fleet);
  log(`${one.name}: waiting for the alarm ${alarm}`);
  if (one.alarm.of === 'store') {
    await sleep(NOTICED_MS);
    await takeReading(cloud);
  }
  const { firedAtMs, ...run } = await awaitAlarm(cloud, { alarm, runbook: one.runbook, sinceMs: begunAtMs });
  const times = await readRunTimes(cloud.stepFunctions, run.incident.executionArn ?? '', firedAtMs);
  log(
    `${one.name}: seconds since its alarm: ${Object.entries(times)
      .map(([name, span]) => `${name} ${span.join('–')}`)
      .join(', ')}`,
  );
  return { ...run, alarm, alarmSeconds: (firedAtMs - setAtMs) / 1000 };
}

/** Until the store's nodes have noticed. */
const NOTICED_MS = 6_000;
/** An alarm judges the minute that runs: a fault of its last seconds has left nothing yet that a runbook could read. */
const ROOM_MS = 35_000;

function untilRoom(nowMs: number): number {
  const leftMs = MINUTE_MS - (nowMs % MINUTE_MS);
  return leftMs >= ROOM_MS ? 0 : leftMs + 1_000;
}

/** Until the next minute has begun and the one before it is published. @param leastMs of the minute that runs; else the one after it */
function untilMinute(nowMs: number, leastMs: number): number {
  const leftMs = MINUTE_MS - (nowMs % MINUTE_MS);
  return (leftMs >= leastMs ? leftMs : leftMs + MINUTE_MS) + PUBLISHED_MS;
}

function gapsOf(evidence: Evidence | undefined): Readonly<Record<string, string>> {
  const sources = Object.entries(evidence?.sources ?? {});
  return Object.fromEntries(sources.flatMap(([name, collected]) => (collected && 'gap' in collected ? [[name, collected.gap]] : [])));
}
