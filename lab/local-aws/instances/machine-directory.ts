/** The machines that exist, found by whatever they are known as. */
import type { InstanceDirectory, TargetResolver } from '../interfaces.ts';
import type { LocalMachine } from './local-machine.ts';

export interface MachineDirectory extends InstanceDirectory, Required<TargetResolver> {
  readonly machines: Map<string, LocalMachine>;
  /** Finds a machine by its instance id, or by the id that Systems Manager knows it by. */
  find(id: string): LocalMachine | undefined;
  /** @throws Error when there is no such machine */
  need(id: string): LocalMachine;
  /** An address that no machine has. */
  freeAddress(): string;
}

export function createMachineDirectory(): MachineDirectory {
  const machines = new Map<string, LocalMachine>();
  let addresses = 0;
  const find = (id: string): LocalMachine | undefined =>
    machines.get(id) ?? [...machines.values()].find((machine) => machine.nodeId === id);
  const at = (address: string): LocalMachine | undefined => [...machines.values()].find((machine) => machine.facts.privateIp === address);

  return {
    machines,
    find,
    need(id) {
      const machine = find(id);
      if (machine === undefined) throw new Error(`no machine ${id}`);
      return machine;
    },
    freeAddress() {
      for (;;) {
        addresses += 1;
        const address = `10.0.${Math.floor(addresses / 250) % 250}.${(addresses % 250) + 4}`;
        if (at(address) === undefined) return address;
      }
    },
    get(id) {
      const machine = find(id);
      // Systems Manager does not know an on-premises machine until its agent is registered.
      return machine?.nodeId === id ? machine.asManagedInstance(id) : undefined;
    },
    list: () =>
      [...machines.values()].flatMap((machine) => (machine.nodeId === undefined ? [] : machine.asManagedInstance(machine.nodeId))),
    resolve(targetId) {
      const machine = machines.get(targetId) ?? at(targetId);
      return machine === undefined ? undefined : { host: '127.0.0.1', port: machine.facts.port };
    },
    zoneOf: (targetId) => (machines.get(targetId) ?? at(targetId))?.facts.availabilityZone,
    isOnPremises: (address) => at(address)?.isEc2 === false,
  };
}
