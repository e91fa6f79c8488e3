import type { Records } from '../../records/records.ts';
import { isNotRolledBack, touchedTargets } from '../../records/touched-targets.ts';
import type { DeployRecord } from '../../records/types.ts';
import type { Executions } from '../../shared/aws/executions.ts';
import { dateTimeWithZone } from '../../shared/texts.ts';
import type { Mitigation, MitigationTarget } from '../contract/mitigations.ts';
import { type Fleets, fleetOf, refuseFor } from '../contract/steps.ts';

export interface StopDeployPorts {
  readonly fleets: Fleets;
  readonly records: Records;
  readonly executions: Pick<Executions, 'describe' | 'stop'>;
}

type Undo = { readonly fleet: string; readonly deployId: string; readonly executionArn: string };

/** As `holdfast deploys abort` does, without the fleet's lock, which is the deploy's. Another deploy can be the repair, and goes on. */
export function createStopDeploy({ fleets, records, executions }: StopDeployPorts): Mitigation<Undo> {
  return {
    async plan(target) {
      const { name, strategy } = fleetOf(fleets, target);
      if (target.deployId === undefined) return { refused: `the finding names no deploy of fleet ${name} that ran when the trouble began` };
      const record = await records.getDeploy(name, target.deployId);
      if (record === undefined) return { refused: `fleet ${name} has no deploy ${target.deployId} on record` };
      const { deployId, executionArn, to } = record;
      const latest = await records.latestDeploys(name, DEPLOYS_READ);
      const why = (await whyNot(record, executions)) ?? whyLeft(record, latest);
      if (why !== undefined) return { refused: `deploy ${deployId} of ${to} ${why}` };
      const effect = `deploy ${deployId} of ${to} stops, and its clean-up brings ${broughtBack(record, latest)}`;
      return {
        calls: [
          { service: 'stepfunctions', operation: 'StopExecution', input: { executionArn, error: 'Aborted', cause: causeOf(target) } },
        ],
        effect: strategy === 'redis' ? effect : `${effect}; users whose sessions are in the memory of these servers log in again`,
        undo: { fleet: name, deployId, executionArn },
      };
    },
    async act(target, plan) {
      const { fleet, deployId, executionArn } = plan.undo;
      const record = await records.getDeploy(fleet, deployId);
      if (record?.status === 'SUCCEEDED') refuseFor(`deploy ${deployId} succeeded before it could be stopped`);
      if (await executions.stop(executionArn, causeOf(target))) return;
      // It has ended already: by this call, whose answer was lost, or by somebody else, or by itself.
      if ((await executions.describe(executionArn))?.cause !== causeOf(target))
        refuseFor(`deploy ${deployId} had ended before it could be stopped`);
    },
    async verify(_target, plan) {
      const { fleet, deployId, executionArn } = plan.undo;
      const [record, execution] = await Promise.all([records.getDeploy(fleet, deployId), executions.describe(executionArn)]);
      if (record === undefined || record.status === 'RUNNING')
        return execution?.status === 'RUNNING'
          ? { verdict: 'WAIT', detail: `deploy ${deployId} has not stopped yet` }
          : // Its clean-up rolls one server back after another.
            { verdict: 'WAIT', goesOn: true, detail: `deploy ${deployId} is stopped, and its clean-up has not reported yet` };
      if (record.status === 'SUCCEEDED') return { verdict: 'FAILED', detail: `deploy ${deployId} succeeded before it could be stopped` };
      const detail = record.outcome ?? `deploy ${deployId} ended with ${record.status}`;
      return { verdict: isNotRolledBack(record) ? 'FAILED' : 'DONE', detail };
    },
  };
}

/** The runbook reads this many of the fleet's latest deploys: nobody goes back to a release from before them. */
const DEPLOYS_READ = 50;

const hadBefore = (one: DeployRecord, { deployId, startedAtMs, to }: DeployRecord): boolean =>
  one.deployId !== deployId && one.startedAtMs < startedAtMs && ((one.status === 'SUCCEEDED' && one.to === to) || one.from === to);

function whyLeft(record: DeployRecord, latest: readonly DeployRecord[]): string | undefined {
  const { restart, restartAll, to, from } = record;
  if (restart !== undefined) return `restarts ${restart} and touches no other server: stopping it brings nobody back`;
  const earlier = restartAll ? undefined : latest.find((one) => hadBefore(one, record));
  return (
    earlier &&
    `brings back a release that the fleet had before (deploy ${earlier.deployId} of ${earlier.to}): stopping it would restore ${from}, from which somebody goes back to ${to}`
  );
}

const YOUNG_MS = 24 * 3_600_000;

function broughtBack({ from, startedAtMs, targets }: DeployRecord, latest: readonly DeployRecord[]): string {
  const all = Object.keys(targets).length;
  const count = all === 0 ? '' : ` (${touchedTargets(targets).length} of ${all} by now)`;
  const since = latest.find(({ to, status, restart }) => to === from && status === 'SUCCEEDED' && restart === undefined)?.finishedAtMs ?? 0;
  const young = startedAtMs - since < YOUNG_MS ? `, which the fleet has had only since ${dateTimeWithZone(since)}` : '';
  return `the servers that it touched${count} back to ${from}${young}`;
}

const causeOf = ({ incidentId }: MitigationTarget): string => `stopped by the runbook of incident ${incidentId}`;

async function whyNot(
  { status, cleanUp, executionArn }: DeployRecord,
  executions: Pick<Executions, 'describe'>,
): Promise<string | undefined> {
  if (status !== 'RUNNING') return `has already ended with ${status}`;
  if (cleanUp) return 'has already failed or been stopped, and its clean-up is restoring the servers';
  const execution = await executions.describe(executionArn);
  return execution?.status === 'RUNNING' ? undefined : 'has already ended, and its clean-up has not reported yet';
}
