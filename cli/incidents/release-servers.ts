import { setTimeout as sleep } from 'node:timers/promises';
import type { IncidentRecord, MitigationRecord, MitigationState } from '../../functions/incidents/contract/incident.ts';
import type { MitigationKey } from '../../functions/incidents/contract/mitigations.ts';
import { mitigationsOf } from '../../functions/incidents/report/mitigations-of.ts';
import { KEEPS_SERVERS } from '../../functions/records/types.ts';
import { holdfast } from '../../functions/shared/command-options.ts';
import { INCIDENTS_PART } from '../../functions/shared/naming.ts';
import { commandFor, optionsOf } from '../command-options.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import type { ChangeOptions } from '../installation/announce-change.ts';
import { connectToChange } from '../installation/connect-to-installation.ts';
import { type OpenCloud, openStores } from '../open-stores.ts';
import type { Output } from '../output.ts';
import { sendDecision } from './decide-incident.ts';
import { findIncident } from './incidents.ts';

export interface ReleaseOptions extends ChangeOptions {
  /** @default true */
  readonly wait?: boolean;
}

const POLL_MS = 5_000;
/** Two turns of the schedule, which comes every five minutes and can be late, and what they take. */
const LONGEST_MS = 12 * 60_000;
const OVER: readonly MitigationState[] = ['undone', 'ended'];

/**
 * Ends what keeps a fleet's servers from being replaced, and waits until Auto Scaling replaces unhealthy servers again.
 * @throws CommandFailure NoSuchIncident, NothingToRelease, ReleaseFailed, the function's refusals
 */
export async function releaseServers(
  { id, mitigation: named }: { readonly id: string; readonly mitigation: string | undefined },
  { wait = true, ...options }: ReleaseOptions,
  output: Output,
): Promise<void> {
  const cloud = openStores(await connectToChange(options, INCIDENTS_PART), 'incidents');
  output.at(cloud);
  const incident = await findIncident(cloud, id);
  const wanted = named ?? chooseKept(incident, optionsOf(cloud));
  const { incidentId, mitigation, reply } = await sendDecision(cloud, { id: incident.incidentId, mitigation: wanted, decision: 'release' });
  const releasedBy = reply.decidedBy;
  if (!wait) {
    output.result(
      { incidentId, mitigation, state: 'released', releasedBy },
      () => `${mitigation} of ${incidentId} is released by ${releasedBy}. A check ends it within five minutes.`,
    );
    return;
  }
  output.print(`${mitigation} of ${incidentId} is released by ${releasedBy}; a check ends it within five minutes`);
  const { state, detail } = await untilOver(cloud, incidentId, mitigation as MitigationKey);
  const text = `${mitigation} of ${incidentId} is ${state}${detail === undefined ? '' : `: ${detail}`}.`;
  if (!OVER.includes(state))
    throw new CommandFailure(
      'ReleaseFailed',
      `${text} Its release is on record, and each check tries again. See: ${commandFor(cloud, `incidents show ${incidentId}`)}`,
    );
  output.result({ incidentId, mitigation, state, releasedBy }, () => text);
}

/** The only mitigation of an incident that keeps servers now; the function says why another one is refused. */
function chooseKept(incident: Pick<IncidentRecord, 'incidentId' | 'mitigations'>, options: string): MitigationKey {
  const kept = mitigationsOf(incident).filter(([, { name }]) => name === KEEPS_SERVERS);
  const inEffect = kept.filter(([, { state }]) => state === 'done');
  const [only, another] = inEffect.length > 0 ? inEffect : kept;
  if (only && !another) return only[0];
  const { incidentId } = incident;
  throw new CommandFailure(
    'NothingToRelease',
    only
      ? `${incidentId} keeps the servers of several fleets (${inEffect.map(([key]) => key).join(', ')}). Nothing was changed. Name one of them.`
      : `${incidentId} keeps no servers. Nothing was changed. See: ${holdfast(`incidents show ${incidentId} ${options}`)}`,
    EXIT.badInput,
  );
}

async function untilOver(
  { incidents }: Pick<OpenCloud, 'incidents'>,
  incidentId: string,
  key: MitigationKey,
): Promise<Pick<MitigationRecord, 'state' | 'detail'>> {
  const endsAtMs = Date.now() + LONGEST_MS;
  for (;;) {
    const record = (await incidents.getIncident(incidentId))?.mitigations[key];
    const { state = 'leftBehind', detail } = record ?? {};
    if ([...OVER, 'leftBehind'].includes(state) || Date.now() > endsAtMs) return { state, ...(detail !== undefined && { detail }) };
    await sleep(POLL_MS);
  }
}
