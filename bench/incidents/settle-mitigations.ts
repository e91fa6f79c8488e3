/** What the runbooks carried out, after the faults are gone: what bridges an outage has to be undone, and nothing left behind. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Cloud } from '../../cli/cloud.ts';
import type { IncidentRecord, MitigationRecord } from '../../functions/incidents/contract/incident.ts';
import { TEMPORARY } from '../../functions/incidents/contract/mitigations.ts';
import { incidentsFunctionName } from '../../functions/incidents/contract/names.ts';
import { autoScalingGroupName } from '../../functions/shared/naming.ts';

/** The collector finds the primary again within a minute, and every reading counts. */
const LIMIT_MS = 180_000;
const POLL_MS = 5_000;
const MOST_INCIDENTS = 20;

export interface Settled {
  readonly incidents: readonly IncidentRecord[];
  /** Nothing that a mitigation suspended is suspended still, and no incident holds the fleet's lock. */
  readonly isAsBefore: boolean;
}

/** Waits for what the schedule undoes, which comes at once here. */
export async function settleMitigations(cloud: Cloud): Promise<Settled> {
  const endsAtMs = Date.now() + LIMIT_MS;
  for (;;) {
    const incidents = await cloud.incidents.latestIncidents(MOST_INCIDENTS);
    const isOpen = incidents.some(({ mitigations }) => Object.values(mitigations).some((record) => record && isUnderWay(record)));
    if (!isOpen || Date.now() > endsAtMs) return { incidents, isAsBefore: await isAsBefore(cloud) };
    await tend(cloud);
    await sleep(POLL_MS);
  }
}

const UNDER_WAY: readonly MitigationRecord['state'][] = ['planned', 'acting', 'verifying', 'undoing'];

const isUnderWay = ({ state, name }: MitigationRecord): boolean =>
  UNDER_WAY.includes(state) || (state === 'done' && TEMPORARY.includes(name));

/** What the schedule invokes. */
async function tend({ client, installation }: Cloud): Promise<void> {
  const lambda = new LambdaClient(client);
  try {
    const FunctionName = `${incidentsFunctionName(installation, 'tend')}:live`;
    await lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify({ step: 'tend' }) }));
  } finally {
    lambda.destroy();
  }
}

async function isAsBefore({ client, installation, fleet, records }: Cloud): Promise<boolean> {
  const AutoScalingGroupNames = [autoScalingGroupName(installation, fleet)];
  const { AutoScalingGroups } = await new AutoScalingClient(client).send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames }));
  const lock = await records.getLock(fleet);
  return (AutoScalingGroups?.[0]?.SuspendedProcesses ?? []).length === 0 && lock?.suspension === undefined;
}
