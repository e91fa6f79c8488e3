/** The console's buttons of faults, in the local cloud's own process. */
import { type Cloud, requireLocalCloud } from '../../cli/cloud.ts';
import type { FaultBackend } from '../../console/faults.ts';
import { knownFault, refused } from './command.ts';
import { clearFaults, injectFault } from './inject.ts';
import { localFaultPorts } from './local-ports.ts';
import { FAULTS } from './table.ts';

export function consoleFaults(cloud: Cloud): FaultBackend {
  const ports = async () => localFaultPorts(cloud, await requireLocalCloud()).catch(refused);
  return {
    async list() {
      const set = new Set((await ports()).file.read().map(({ name }) => name));
      return FAULTS.map(({ name, sentence, runbook, cause }) => ({ name, sentence, runbook, cause: cause ?? null, set: set.has(name) }));
    },
    async inject(name) {
      const fault = knownFault(name);
      await injectFault(fault, await ports()).catch(refused);
    },
    clear: async () => clearFaults(await ports()),
  };
}
