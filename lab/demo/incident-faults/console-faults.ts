/** The console's buttons of faults, in the local cloud's own process. */

import { type Cloud, requireLocalCloud } from '../../../cli/cloud.ts';
import { openStores } from '../../../cli/open-stores.ts';
import type { Step } from '../../../console/next-steps.ts';
import { consoleTries, readTryable } from '../try-next.ts';
import type { Faults } from '../views/fault-routes.ts';
import { knownFault, refused } from './command.ts';
import { clearFaults, injectFault, sortFaults } from './inject.ts';
import { localFaultPorts } from './local-ports.ts';
import { FAULTS } from './table.ts';
import { restartsServers } from './why-held.ts';

export function consoleFaults(connected: Cloud): Faults & { tries(): Promise<readonly Step[]> } {
  const cloud = openStores(connected, 'records', 'stepFunctions');
  const ports = async () => localFaultPorts(cloud, await requireLocalCloud()).catch(refused);
  return {
    async list() {
      const { offered } = await sortFaults(FAULTS, await ports());
      return offered.map(({ fault, set }) => {
        const { name, sentence, runbook, cause } = fault;
        return { name, sentence, runbook, cause: cause ?? null, set, restartsServers: restartsServers(fault) };
      });
    },
    async inject(name) {
      const fault = knownFault(name);
      await injectFault(fault, await ports()).catch(refused);
    },
    clear: async () => clearFaults(await ports()),
    tries: async () => consoleTries(await requireLocalCloud(), await readTryable(cloud)),
  };
}
