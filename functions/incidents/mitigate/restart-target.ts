import type { Records } from '../../records/records.ts';
import { type Executions, executionArnOf } from '../../shared/aws/executions.ts';
import type { MitigationTarget } from '../contract/mitigation-descriptor.ts';
import type { Mitigation } from '../contract/mitigations.ts';
import { type Fleets, fleetOf } from './fleet-resources.ts';
import { holderOf } from './hold-fleet.ts';
import { refuseFor } from './mitigation-errors.ts';
import { howEnded } from './sweep-run.ts';

export interface RestartTargetPorts {
  readonly fleets: Fleets;
  readonly deployStateMachineArn: (fleet: string) => string;
  readonly records: Pick<Records, 'getLock' | 'getFleet' | 'getInstances' | 'getDeploy'>;
  readonly executions: Pick<Executions, 'describe' | 'startOnce'>;
  readonly now: () => number;
}

/** The execution that was planned, all that its start needs. */
interface Undo {
  readonly fleet: string;
  readonly deployId: string;
  readonly input: { readonly version: string; readonly restart: string; readonly requestedBy: string };
  /** When the release was last installed on the server, or it was restarted. */
  readonly installedAtMs: number;
}

/**
 * Restarts the one server that a finding names, by the deploy's own steps: a deploy of the fleet's current release that touches no
 * other server. Its name is the incident's and the server's, so that one incident restarts a server once, however often its call is
 * repeated. The deploy takes the fleet's lock itself.
 */
export function createRestartTarget({ fleets, deployStateMachineArn, records, executions, now }: RestartTargetPorts): Mitigation<Undo> {
  return {
    async plan(target) {
      const { name: fleet } = fleetOf(fleets, target);
      const { instanceId } = target;
      if (instanceId === undefined) return { refused: 'the finding names no single server' };
      const deployId = nameOf(target, instanceId);
      const stateMachineArn = deployStateMachineArn(fleet);
      const [own, lock, current, instances] = await Promise.all([
        executions.describe(executionArnOf(stateMachineArn, deployId)),
        records.getLock(fleet),
        records.getFleet(fleet),
        records.getInstances(fleet),
      ]);
      if (own !== undefined && own.status !== 'RUNNING') return { refused: `this incident has restarted ${instanceId}: ${own.status}` };
      const onIt = instances.find((one) => one.instanceId === instanceId);
      if (current === undefined || onIt === undefined) return { refused: `fleet ${fleet} has no server ${instanceId} with a release` };
      if (onIt.version !== current.currentVersion) {
        return {
          refused: `${instanceId} has release ${onIt.version} and the fleet ${current.currentVersion}: deploy that, a restart would keep the other`,
        };
      }
      // Its evidence can be of before that: another incident's restart, or an operator's, is not done again.
      if (onIt.installedAtMs > (target.firstSignMs ?? onIt.installedAtMs))
        return { refused: `${instanceId} was deployed to or restarted since the trouble began: what it shows can be of before that` };
      const holder = holderOf(lock, deployId, now());
      if (holder !== undefined) return { refused: `${holder} holds the lock of fleet ${fleet}, and works on its servers` };
      const undo: Undo = {
        fleet,
        deployId,
        installedAtMs: onIt.installedAtMs,
        input: { version: current.currentVersion, restart: instanceId, requestedBy: `incident ${target.incidentId}` },
      };
      const input = JSON.stringify(undo.input);
      return {
        calls: [{ service: 'stepfunctions', operation: 'StartExecution', input: { stateMachineArn, name: deployId, input } }],
        effect: `${instanceId} is drained, stopped, started with ${current.currentVersion} again, and registered once it is healthy; sessions in its memory are lost, and it serves nobody meanwhile`,
        undo,
      };
    },
    async act(target, plan) {
      const { fleet, deployId, installedAtMs, input } = plan.undo;
      const instances = await records.getInstances(fleet);
      const onIt = instances.find((one) => one.instanceId === target.instanceId);
      const own = await executions.describe(executionArnOf(deployStateMachineArn(fleet), deployId));
      // A repeated call finds its own deploy, which installs.
      if (own === undefined && (onIt?.installedAtMs ?? 0) !== installedAtMs)
        refuseFor(`${input.restart} was deployed to or restarted since the finding, or is gone`);
      await executions.startOnce(deployStateMachineArn(fleet), deployId, input);
    },
    async verify(_target, plan) {
      const { fleet, deployId, input } = plan.undo;
      const [execution, record] = await Promise.all([
        executions.describe(executionArnOf(deployStateMachineArn(fleet), deployId)),
        records.getDeploy(fleet, deployId),
      ]);
      const { restart: instanceId, version } = input;
      if (execution === undefined) return { verdict: 'WAIT', detail: `the restart of ${instanceId} has not started yet` };
      if (execution.status === 'RUNNING') {
        const phase = record?.targets[instanceId]?.phase ?? record?.stage ?? 'starting';
        return { verdict: 'WAIT', detail: `deploy ${deployId} restarts ${instanceId}: ${phase}` };
      }
      if (execution.status === 'SUCCEEDED') {
        return { verdict: 'DONE', detail: `${instanceId} was restarted with ${version}, is healthy and serves (deploy ${deployId})` };
      }
      const state = record?.outcome === undefined ? '' : `; ${record.outcome}`;
      return { verdict: 'FAILED', detail: `the restart of ${instanceId} ${howEnded(execution, record)}${state}` };
    },
  };
}

const nameOf = ({ incidentId }: MitigationTarget, instanceId: string): string => `${incidentId}-restart-${instanceId}`;
