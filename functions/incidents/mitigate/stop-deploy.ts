import type { Records } from '../../records/records.ts';
import type { DeployRecord, LockRecord } from '../../records/types.ts';
import type { Executions } from '../../shared/aws/executions.ts';
import type { MitigationTarget } from '../contract/mitigation-descriptor.ts';
import type { Mitigation } from '../contract/mitigations.ts';
import { type Fleets, fleetOf } from './fleet-resources.ts';
import { MitigationRefused } from './mitigation-errors.ts';

export interface StopDeployPorts {
  readonly fleets: Fleets;
  readonly records: Pick<Records, 'getLock' | 'getDeploy' | 'latestDeploys'>;
  readonly executions: Pick<Executions, 'describe' | 'stop'>;
}

interface Undo {
  readonly fleet: string;
  readonly deployId: string;
  readonly executionArn: string;
}

/**
 * Stops the deploy that runs, exactly as `holdfast deploys abort` does: its clean-up brings every server that it touched back to its
 * previous release. It does not wait for the fleet's lock, which is the deploy's.
 */
export function createStopDeploy({ fleets, records, executions }: StopDeployPorts): Mitigation<Undo> {
  return {
    async plan(target) {
      const { name, strategy } = fleetOf(fleets, target);
      const deployId = target.deployId ?? running(await records.getLock(name));
      const record = deployId === undefined ? undefined : await records.getDeploy(name, deployId);
      if (record === undefined) return { refused: `no deploy of fleet ${name} is running` };
      const why = await whyNot(record, executions);
      if (why !== undefined) return { refused: `deploy ${record.deployId} of ${record.to} ${why}` };
      const { executionArn, to, from } = record;
      const earlier = (await records.latestDeploys(name, DEPLOYS_READ)).find((one) => hadBefore(one, record));
      if (earlier !== undefined)
        return {
          refused: `deploy ${record.deployId} brings back ${to}, a release that the fleet had before (deploy ${earlier.deployId}): stopping it would restore ${from}, from which somebody goes back`,
        };
      const undo: Undo = { fleet: name, deployId: record.deployId, executionArn };
      return {
        calls: [
          { service: 'stepfunctions', operation: 'StopExecution', input: { executionArn, error: 'Aborted', cause: causeOf(target) } },
        ],
        effect: `deploy ${record.deployId} of ${to} stops, and its clean-up brings the servers that it touched back to ${from}${strategy === 'redis' ? '' : '; users whose sessions are in the memory of these servers log in again'}`,
        undo,
      };
    },
    async act(target, plan) {
      const { fleet, deployId, executionArn } = plan.undo;
      const record = await records.getDeploy(fleet, deployId);
      if (record?.status === 'SUCCEEDED')
        throw new MitigationRefused(`deploy ${deployId} succeeded before it could be stopped; nothing was changed`);
      // False when it has ended already: by this call, whose answer was lost, or by itself.
      await executions.stop(executionArn, causeOf(target));
    },
    async verify(_target, plan) {
      const { fleet, deployId } = plan.undo;
      const record = await records.getDeploy(fleet, deployId);
      if (record === undefined || record.status === 'RUNNING')
        return { verdict: 'WAIT', detail: `the clean-up of deploy ${deployId} has not reported yet` };
      if (record.status === 'SUCCEEDED') return { verdict: 'FAILED', detail: `deploy ${deployId} succeeded before it could be stopped` };
      const detail = record.outcome ?? `deploy ${deployId} ended with ${record.status}`;
      return { verdict: record.rolledBack === false ? 'FAILED' : 'DONE', detail };
    },
  };
}

/** The runbook reads this many of the fleet's latest deploys: nobody goes back to a release from before them. */
const DEPLOYS_READ = 50;

/** Whether the fleet had the release of a deploy before that. */
const hadBefore = (one: DeployRecord, { deployId, startedAtMs, to }: DeployRecord): boolean =>
  one.deployId !== deployId && one.startedAtMs < startedAtMs && ((one.status === 'SUCCEEDED' && one.to === to) || one.from === to);

const causeOf = ({ incidentId }: MitigationTarget): string => `stopped by the runbook of incident ${incidentId}`;

/** The deploy that holds the lock, else one that has not recorded its end. */
const running = (lock: LockRecord | undefined): string | undefined =>
  lock?.deployId !== undefined && lock.heldBy === undefined ? lock.deployId : [...(lock?.openDeploys ?? [])][0];

async function whyNot(
  { status, cleanUp, executionArn }: DeployRecord,
  executions: Pick<Executions, 'describe'>,
): Promise<string | undefined> {
  if (status !== 'RUNNING') return `has already ended with ${status}`;
  if (cleanUp) return 'has already failed or been stopped, and its clean-up is restoring the servers';
  const execution = await executions.describe(executionArn);
  return execution?.status === 'RUNNING' ? undefined : 'has already ended, and its clean-up has not reported yet';
}
