/** `holdfast fault inject NAME | list | clear`: faults in the local cloud, for rehearsals of incidents. */

import { requireLocalCloud } from '../../../cli/cloud.ts';
import { CommandFailure, EXIT } from '../../../cli/failure.ts';
import { connectToRead } from '../../../cli/installation/connect-to-installation.ts';
import { openStores } from '../../../cli/open-stores.ts';
import { type Output, showWait, table } from '../../../cli/output.ts';
import { holdfast } from '../../../functions/shared/command-options.ts';
import { CannotSet, type Fault } from './contract.ts';
import { clearFaults, type FaultPorts, injectFault, sortFaults } from './inject.ts';
import { localFaultPorts } from './local-ports.ts';
import { FAULTS, findFault, NOT_PRODUCIBLE } from './table.ts';
import { restartsServers } from './why-held.ts';

/** Of `inject` and `clear`. */
export interface ChangeFaultOptions extends FaultOptions {
  readonly duringDeploy?: boolean;
}

export interface FaultOptions {
  readonly fleet?: string;
  /** Given by somebody who means AWS. */
  readonly region?: string;
}

export async function inject(name: string, options: ChangeFaultOptions, output: Output): Promise<void> {
  const fault = knownFault(name);
  const ports = await open(options, output);
  const set = await showWait(
    `setting ${fault.name} in fleet ${ports.fleet}${restartsServers(fault) ? ', which restarts servers' : ''}`,
    () => injectFault(fault, ports, options).catch(refused),
  );
  const looksFor = fault.cause
    ? `its runbook is ${fault.runbook}, and the cause to find ${fault.cause}`
    : fault.finds
      ? `a canary of the fleet finds ${fault.finds} in its next run of all checks, which a deploy starts`
      : 'its runbook has to find nothing';
  output.result(
    { fault: { name: set.name, fleet: set.fleet, setAtMs: set.setAtMs, runbook: fault.runbook, cause: fault.cause ?? null } },
    () =>
      [
        `${fault.name} is set in fleet ${set.fleet}: ${fault.sentence}`,
        `${looksFor}.`,
        `Put it back with: ${holdfast('fault clear')}`,
      ].join('\n'),
  );
}

export async function list(options: FaultOptions, output: Output): Promise<void> {
  const { offered, notHere } = await sortFaults(FAULTS, await open(options, output));
  const faults = offered.map(({ fault, set }) => {
    const { name, sentence, runbook, cause } = fault;
    return { name, set, restartsServers: restartsServers(fault), runbook, cause: cause ?? null, sentence };
  });
  output.result({ faults, notHere, notProducible: NOT_PRODUCIBLE }, () =>
    [
      table([
        ['fault', 'set', 'restarts', 'runbook', 'what it does'],
        ...faults.map((one) => [one.name, one.set ? 'yes' : '', one.restartsServers ? 'servers' : '', one.runbook, one.sentence]),
      ]),
      ...notHere.map(({ name, why }) => `not in this cloud: ${name} ${why}`),
    ].join('\n'),
  );
}

export async function clear(options: ChangeFaultOptions, output: Output): Promise<number> {
  const ports = await open(options, output);
  const { cleared, left } = await showWait('putting everything back', () => clearFaults(ports, options));
  output.result({ cleared, left }, () =>
    [
      cleared.length > 0
        ? `cleared: ${cleared.join(', ')}. Its incident closes some minutes after its alarms are OK: ${holdfast('incidents')}`
        : 'no fault was cleared',
      ...left.map((sentence) => `still set: ${sentence}`),
    ].join('\n'),
  );
  return left.length === 0 ? 0 : EXIT.failed;
}

/** @throws CommandFailure NoSuchFault with the names that there are */
export function knownFault(name: string): Fault {
  const fault = findFault(name);
  if (fault) return fault;
  const reason = Object.entries(NOT_PRODUCIBLE).find(([cause]) => cause === name)?.[1];
  const why = reason === undefined ? `there is no fault ${JSON.stringify(name)}` : `${name} cannot be produced here, because ${reason}`;
  throw new CommandFailure('NoSuchFault', `${why}; nothing was changed. "${holdfast('fault list')}" shows the faults.`, EXIT.badInput);
}

async function open({ fleet, region }: FaultOptions, output: Output): Promise<FaultPorts> {
  if (region !== undefined) {
    throw new CommandFailure(
      'NotLocal',
      `Faults are for the local cloud alone, and --region ${region} selects AWS: nothing was changed. Omit --region.`,
      EXIT.badInput,
    );
  }
  const state = await requireLocalCloud();
  const cloud = openStores(await connectToRead({ ...(fleet !== undefined && { fleet }) }), 'records', 'stepFunctions');
  const { account, region: own, installation, fleet: chosen } = cloud;
  output.at({ account, region: own, installation, fleet: chosen });
  return localFaultPorts(cloud, state).catch(refused);
}

/** A fault that cannot be set, as a command fails. */
export function refused(error: unknown): never {
  if (error instanceof CannotSet) throw new CommandFailure('CannotSet', `${error.message}.`, EXIT.badInput, { cause: error });
  throw error;
}
