import { setTimeout as sleep } from 'node:timers/promises';
import { incidentsFunctionName } from '../../functions/incidents/contract/environment.ts';
import type { MitigationRecord, MitigationState } from '../../functions/incidents/contract/incident.ts';
import { DESCRIPTORS, type MitigationKey } from '../../functions/incidents/contract/mitigations.ts';
import { DO_ROLE, type DoReply, type DoStatement } from '../../functions/incidents/do/contract.ts';
import { INCIDENTS_PART } from '../../functions/shared/naming.ts';
import { callFunction } from '../call-function.ts';
import { commandFor } from '../command-options.ts';
import { CommandFailure } from '../failure.ts';
import { type ChangeOptions, connectToChange } from '../installation/connect-to-installation.ts';
import { type OpenCloud, openStores } from '../open-stores.ts';
import type { Output } from '../output.ts';
import { findIncident } from './incidents.ts';

export interface Asked {
  readonly id: string;
  readonly mitigation: MitigationKey;
  readonly what: DoStatement['what'];
}

export interface DoOptions extends ChangeOptions {
  /** @default true */
  readonly wait?: boolean;
}

const POLL_MS = 5_000;
/** It waits for its turn behind another mitigation, and a page until two checks agree, before its result can show. */
const TURN_MS = 20 * 60_000;
const WAITED_FOR: readonly MitigationState[] = ['planned', 'acting', 'verifying', 'undoing'];

/** @throws CommandFailure NoSuchIncident, the function's refusals */
export async function askFor(cloud: OpenCloud<'incidents'>, { id, mitigation, what }: Asked) {
  const incident = await findIncident(cloud, id);
  const { incidentId, runs } = incident;
  const known = incident.mitigations[mitigation];
  const { requestedBy } = await callFunction<DoReply>(cloud, {
    functionName: incidentsFunctionName(cloud.installation, DO_ROLE),
    timeoutMs: 80_000,
    statement: { incidentId, mitigation, run: known?.run ?? Math.max(1, runs), what } satisfies Omit<DoStatement, 'requestedBy'>,
    failed: { code: 'RequestFailed', message: 'The request is on record or not. Run the same command again: it does nothing twice.' },
  });
  return { incidentId, requestedBy, name: known?.name };
}

/**
 * Has a mitigation carried out that an incident names, or ended, by Holdfast's own functions, and waits for its result.
 * @throws CommandFailure NoSuchIncident, MitigationFailed, the function's refusals
 */
export async function doMitigation(asked: Asked, { wait = true, ...options }: DoOptions, output: Output): Promise<void> {
  const { mitigation, what } = asked;
  const cloud = openStores(await connectToChange(options, INCIDENTS_PART), 'incidents');
  output.at(cloud);
  const { incidentId, requestedBy, name } = await askFor(cloud, asked);
  const see = commandFor(cloud, `incidents show ${incidentId}`);
  if (what === 'end' || !wait) {
    const [state, text] = what === 'end' ? ['ended', `was ended by ${requestedBy}`] : ['begun', `begins, as ${requestedBy} asked`];
    output.result({ incidentId, mitigation, state, requestedBy }, () => `${mitigation} of ${incidentId} ${text}. See: ${see}`);
    return;
  }
  output.print(`${mitigation} of ${incidentId} begins, as ${requestedBy} asked`);
  const { state, detail } = await untilOver(cloud, incidentId, mitigation, TURN_MS + (name ? DESCRIPTORS[name].verifyMs : 0));
  const text = `${mitigation} of ${incidentId} is ${state}${detail === undefined ? '' : `: ${detail}`}.`;
  if (state !== 'done') throw new CommandFailure('MitigationFailed', `${text} See: ${see}`);
  output.result({ incidentId, mitigation, state, requestedBy }, () => text);
}

async function untilOver(
  { incidents }: Pick<OpenCloud, 'incidents'>,
  incidentId: string,
  key: MitigationKey,
  longestMs: number,
): Promise<Pick<MitigationRecord, 'state' | 'detail'>> {
  const endsAtMs = Date.now() + longestMs;
  for (;;) {
    const { state, detail } = (await incidents.getIncident(incidentId))?.mitigations[key] ?? { state: 'refused' as const };
    if (!WAITED_FOR.includes(state) || Date.now() > endsAtMs) return { state, ...(detail !== undefined && { detail }) };
    await sleep(POLL_MS);
  }
}
