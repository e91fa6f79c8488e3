/** One deploy under live traffic with a fault, and what must be true after any fault. */
import {
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { DescribeStateMachineCommand, UpdateStateMachineCommand } from '@aws-sdk/client-sfn';
import { ListCommandInvocationsCommand } from '@aws-sdk/client-ssm';
import { expect } from 'vitest';
import type { FaultInput } from '#local-aws/faults/fault-rule.ts';
import type { DeployOutcome } from '../../cli/deploy/follow-deploy.ts';
import type { DeploySettings } from '../../functions/deploy/settings/settings.ts';
import { READ_ACCESS_LOG, READ_LOGS } from '../../functions/incidents/contract/read-logs.ts';
import type { DeployRecord, Phase } from '../../functions/records/types.ts';
import { documentName, targetGroupName } from '../../functions/shared/naming.ts';
import type { FailedGroup, TrafficOptions, TrafficReport } from '../../lab/demo/traffic/contract.ts';
import { until } from '../until.ts';
import { withFault } from './faults.ts';
import {
  cloud,
  currentVersion,
  elb,
  groupInstances,
  publish,
  publishBad,
  recordOf,
  ssm,
  startDeploy,
  suspendedProcesses,
  untilEnded,
  untilHealthy,
  versions,
} from './fleet.ts';
import { underTraffic } from './under-traffic.ts';

const USERS = 60;

/** Input of a row's functions: the targets in the order in which they are rolled. */
export interface Scene {
  readonly version: string;
  readonly targets: readonly string[];
}

export interface Row {
  readonly fault: string;
  /** @default the example, with nothing wrong */
  readonly release?: (folder: string, version: string) => Promise<void>;
  readonly rules?: (scene: Scene) => readonly FaultInput[];
  /** A further fault while the deploy runs. */
  readonly meanwhile?: (executionArn: string, scene: Scene) => Promise<unknown>;
  /** Settings of this deploy alone. The deregistration delay is set on the target group too. */
  readonly settings?: Partial<DeploySettings>;
  readonly traffic?: Partial<TrafficOptions>;
  /** How long the traffic goes on after the deploy. @default 2 s */
  readonly afterMs?: number;
  /** How the deploy ends: well, or rolled back because of the error of this name. */
  readonly ends: 'SUCCEEDED' | { readonly error: string; readonly rolledBack?: boolean };
  /** Requests that may fail. @default none */
  readonly mayFail?: (failed: FailedGroup, scene: Scene) => boolean;
  /** Users who may lose a session. @default none */
  readonly mayLose?: (report: TrafficReport) => number;
}

/** Titles by `%s` are whole, by `$fault` Vitest cuts them short. */
export const byFault = (rows: readonly Row[]) => rows.map((row) => [row.fault, row] as const);

export interface Run {
  readonly ended: DeployOutcome;
  readonly record: DeployRecord;
  readonly report: TrafficReport;
  readonly scene: Scene;
}

let round = 0;

/** Deploys under the row's fault and checks what always holds; gives what was seen for the row's own checks. */
export async function deployUnderFault(row: Row): Promise<Run> {
  await untilHealthy(3);
  const before = await currentVersion();
  const suspended = await suspendedProcesses();
  const version = `${60 + ++round}.0.${Date.now() % 100_000}`;
  const scene = { version, targets: (await groupInstances()).map(({ id }) => id).sort() };
  if (row.release) await publishBad(version, row.release);
  else await publish(version);

  // A row counts the failed requests itself. Alarms see whole minutes: they would fire in some rows, by the time of day.
  const { result, report } = await withSettings({ alarmNames: [], ...row.settings }, () =>
    underTraffic(
      { users: USERS, ...row.traffic },
      () =>
        withFault(row.rules?.(scene) ?? [], async () => {
          const arn = await startDeploy({ version });
          // The deploy is over before the test is, whatever becomes of the rest.
          const [ended, meanwhile] = await Promise.allSettled([untilEnded(arn), row.meanwhile?.(arn, scene)]);
          for (const part of [ended, meanwhile]) if (part.status === 'rejected') throw part.reason;
          return { arn, ended: (ended as PromiseFulfilledResult<DeployOutcome>).value };
        }),
      row.afterMs,
    ),
  );

  const { arn, ended } = result;
  const record = (await recordOf(arn)) as DeployRecord;
  const seen = `${JSON.stringify(ended)} ${JSON.stringify(report.failedBy)} ${JSON.stringify(report.losses)}`;
  if (row.ends === 'SUCCEEDED') expect(ended, seen).toMatchObject({ status: 'SUCCEEDED' });
  else {
    expect(ended, seen).toMatchObject({ status: 'FAILED', error: row.ends.error });
    expect(record.rolledBack, seen).toBe(row.ends.rolledBack ?? true);
  }
  await expectSound(ended.status === 'SUCCEEDED' ? version : before, suspended);
  const unexpected = report.failedBy.filter((failed) => row.mayFail?.(failed, scene) !== true);
  expect(unexpected, seen).toEqual([]);
  expect(report.sessionsLost, seen).toBe(row.mayLose?.(report) ?? 0);
  expect(report.sessions, seen).toBe(row.traffic?.users ?? USERS);
  return { ended, record, report, scene };
}

/** Three healthy targets on one release, which the fleet's record names; nothing suspended, held or running. */
async function expectSound(version: string, suspended: readonly string[]): Promise<void> {
  await untilHealthy(3);
  expect(Object.values(await versions())).toEqual([version, version, version]);
  expect(await currentVersion()).toBe(version);
  expect(await suspendedProcesses()).toEqual(suspended);
  const lock = await (await cloud()).records.getLock('web');
  expect(lock?.deployId).toBeUndefined();
  expect(lock?.openDeploys ?? new Set()).toEqual(new Set());
  const { CommandInvocations = [] } = await ssm.send(new ListCommandInvocationsCommand({}));
  const running = CommandInvocations.filter(({ Status }) => ['Pending', 'InProgress', 'Cancelling'].includes(Status ?? ''));
  // An alarm that the fault raises can have a runbook read the servers' logs.
  const reading: readonly (string | undefined)[] = [READ_LOGS, READ_ACCESS_LOG].map(({ document }) => documentName('holdfast', document));
  expect(running.filter(({ DocumentName }) => !reading.includes(DocumentName))).toEqual([]);
}

/** Failed requests that a target of the release had, or that were cut off on a target that had it. */
export const ofTheRelease = ({ version, target }: FailedGroup, scene: Scene): boolean =>
  version === scene.version || (version === undefined && target === scene.targets[0]);

/** Waits until a target is in the phase; gives the target. */
export const untilInPhase = (executionArn: string, phase: Phase): Promise<string> =>
  until(
    async () => Object.entries((await recordOf(executionArn))?.targets ?? {}).find(([, target]) => target.phase === phase)?.[0],
    `a target that is ${phase}`,
    120_000,
  );

/** Deploys that start meanwhile have other settings: those that Validate read are written over right after it. */
export async function withSettings<T>(settings: Partial<DeploySettings>, work: () => Promise<T>): Promise<T> {
  const entries = Object.entries(settings);
  if (entries.length === 0) return work();
  const { stepFunctions, deployStateMachineArn: stateMachineArn } = await cloud();
  const { definition = '' } = await stepFunctions.send(new DescribeStateMachineCommand({ stateMachineArn }));
  const machine = JSON.parse(definition) as { States: Record<string, { Next?: string }> };
  let Next = machine.States['Validate']?.Next;
  for (const [name, Result] of entries) {
    machine.States[`Set ${name}`] = { Type: 'Pass', Result, ResultPath: `$.deploy.settings.${name}`, Next } as { Next?: string };
    Next = `Set ${name}`;
  }
  machine.States['Validate'] = { ...machine.States['Validate'], ...(Next && { Next }) };
  const putDelayBack = await setDelay(settings.deregistrationDelaySeconds);
  await stepFunctions.send(new UpdateStateMachineCommand({ stateMachineArn, definition: JSON.stringify(machine) }));
  try {
    return await work();
  } finally {
    await stepFunctions.send(new UpdateStateMachineCommand({ stateMachineArn, definition }));
    await putDelayBack();
  }
}

/** Gives what sets the target group's deregistration delay back. */
async function setDelay(seconds: number | undefined): Promise<() => Promise<void>> {
  if (seconds === undefined) return async () => {};
  const { TargetGroups } = await elb.send(new DescribeTargetGroupsCommand({ Names: [targetGroupName('holdfast', 'web')] }));
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn;
  const { Attributes = [] } = await elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn }));
  const was = Attributes.filter(({ Key }) => Key === DELAY);
  await elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes: [{ Key: DELAY, Value: String(seconds) }] }));
  return async () => void (await elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes: was })));
}
const DELAY = 'deregistration_delay.timeout_seconds';
