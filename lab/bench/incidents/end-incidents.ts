/** Ends the incidents of a case by what ends them on AWS: the function that the schedule invokes, with a quiet time that is over. */

import { setTimeout as sleep } from 'node:timers/promises';
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import type { OpenCloud } from '../../../cli/open-stores.ts';
import { isQuiet } from '../../../functions/incidents/alarm/episode.ts';
import { incidentsFunctionName } from '../../../functions/incidents/contract/environment.ts';
import { dynamoIncidentRecords } from '../../../functions/incidents/records/dynamo-incident-records.ts';
import type { IncidentPointer, IncidentRecords } from '../../../functions/incidents/records/incident-records.ts';
import { autoScalingGroupName } from '../../../functions/shared/naming.ts';
import { endAlarms } from './case-alarms.ts';
import { invokeFunction } from './collector.ts';
import { recordsTableOf } from './records-table-of.ts';

/** A runbook of another incident may be in the middle of collecting; what it carries out is undone within seconds. */
const LIMIT_MS = 240_000;
const POLL_MS = 1_000;
const QUIET_FOR_MS = 3_600_000;

/** No incident is open, and none was: the next alarm of the same kind opens another one. @throws Error that names what is still open */
export async function endIncidents(cloud: OpenCloud<'incidents'>): Promise<void> {
  const records = dynamoIncidentRecords(recordsTableOf(cloud));
  const endsAtMs = Date.now() + LIMIT_MS;
  for (;;) {
    await endAlarms(cloud);
    const open: IncidentPointer[] = [];
    for (const pointer of await records.pointers()) {
      if (pointer.closedAtMs === undefined) open.push(pointer);
      else await records.deletePointer(pointer.fingerprint);
    }
    if (open.length === 0) return;
    if (Date.now() > endsAtMs) throw new Error(`incidents are still open: ${open.map(({ incidentId }) => incidentId).join(', ')}`);
    for (const pointer of open) await quietLongAgo(cloud, records, pointer);
    await invokeFunction(cloud, incidentsFunctionName(cloud.installation, 'tend'), { step: 'tend' });
    await sleep(POLL_MS);
  }
}

/** As an incident is whose alarms have been OK for an hour. One that is running, or whose alarm is on, is left for the next turn. */
async function quietLongAgo(_cloud: OpenCloud<'incidents'>, records: IncidentRecords, { incidentId }: IncidentPointer): Promise<void> {
  const incident = await records.getIncident(incidentId);
  if (incident === undefined) return;
  if (incident.running) return;
  if (!isQuiet(incident) || incident.runs === 0) return;
  await records.change(incidentId, { quietSinceMs: Date.now() - QUIET_FOR_MS });
}

/** Nothing that a mitigation suspended is suspended still, and no incident holds the fleet's lock. */
export async function isAsBefore({ client, installation, fleet, records }: OpenCloud<'records'>): Promise<boolean> {
  const AutoScalingGroupNames = [autoScalingGroupName(installation, fleet)];
  const { AutoScalingGroups } = await new AutoScalingClient(client).send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames }));
  const lock = await records.getLock(fleet);
  return (AutoScalingGroups?.[0]?.SuspendedProcesses ?? []).length === 0 && lock?.suspension === undefined;
}
