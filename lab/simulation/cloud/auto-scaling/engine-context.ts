/** What the local cloud's scaling engine needs, from the parts of the simulated cloud. */
import { DEFAULT_SETTINGS, type EngineContext } from '#local-aws/auto-scaling/engine-context.ts';
import { createGroupRegistry } from '#local-aws/auto-scaling/group-registry.ts';
import type { Machines } from '#local-aws/auto-scaling/machines.ts';
import type { TargetGroups } from '#local-aws/interfaces.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { instanceId, uuid } from '../../kernel/random-ids.ts';
import type { LoadBalancer, Servers, Watcher } from '../contracts.ts';
import type { BusEvent } from '../event-bridge.ts';
import { tellTerminations } from './tell-terminations.ts';

export interface Surroundings {
  readonly kernel: Kernel;
  readonly servers: Pick<Servers, 'isRunning' | 'launch' | 'terminate'>;
  readonly loadBalancer: LoadBalancer;
  readonly putEvent: (event: BusEvent) => void;
  readonly watcher?: Pick<Watcher, 'terminating'>;
}

/** Launches of EC2, and what the group registers; the operator of a run makes them fail and last. */
export interface Launches {
  refusedUntilMs: number;
  /** Registrations with the load balancer that begin before this take long: all the while the member is Pending:Proceed. */
  registeredSlowlyUntilMs: number;
  /** Called when one does. */
  onSlowRegistration?: () => void;
}

/** From the call until the machine begins to boot. */
const LAUNCH_MS = { least: 2_000, most: 20_000 };
/** Within the engine's time limit. */
const SLOW_REGISTRATION_MS = 20_000;

export function createContext(surroundings: Surroundings, launches: Launches): EngineContext {
  const { kernel, loadBalancer, putEvent, watcher } = surroundings;
  const ids = kernel.random('auto scaling: identifiers');
  const newId = () => uuid(ids);
  const now = () => kernel.now();
  return {
    now,
    newId,
    startTimer: (delayMs, run) => {
      const timer = kernel.after(delayMs, run);
      return () => timer.cancel();
    },
    region: 'us-east-1',
    accountId: '111111111111',
    machines: machinesOf(surroundings, launches),
    targetGroups: targetGroupsOf(kernel, loadBalancer, launches),
    events: { put: async (event) => orFail(kernel, () => putEvent(event)) },
    launchTemplate: async () => ({ userData: '', imageId: 'ami-00000000000000001', instanceType: 't4g.small', tags: {} }),
    log: (line) => kernel.note('group', line),
    // AWS asks for health a few times a minute; more often is harder for deploys.
    settings: { ...DEFAULT_SETTINGS, healthCheckFrequencyMs: 10_000, launchRetryMs: 10_000 },
    registry: tellTerminations(
      createGroupRegistry(now, newId),
      (id, reason) => {
        kernel.note('group', `terminates ${id}: ${reason}`);
        watcher?.terminating?.(id, reason);
      },
      (error) => kernel.fail(error),
    ),
    isStopped: () => false,
  };
}

function machinesOf({ kernel, servers }: Surroundings, launches: Launches): Machines {
  const random = kernel.random('auto scaling: launches');
  let launched = 0;
  return {
    async launch() {
      await kernel.sleep(random.whole(LAUNCH_MS.least, LAUNCH_MS.most));
      if (kernel.now() < launches.refusedUntilMs) throw new Error('InsufficientInstanceCapacity: there is no capacity for t4g.small');
      launched += 1;
      const id = instanceId(random);
      orFail(kernel, () => servers.launch(id));
      return { instanceId: id, privateIp: `10.1.${launched >> 8}.${launched & 255}` };
    },
    terminate: async (id) => orFail(kernel, () => servers.terminate(id)),
    isRunning: (id) => servers.isRunning(id),
  };
}

function targetGroupsOf(kernel: Kernel, loadBalancer: LoadBalancer, launches: Launches): TargetGroups {
  return {
    async register(_, id) {
      if (kernel.now() < launches.registeredSlowlyUntilMs) {
        launches.onSlowRegistration?.();
        await kernel.sleep(SLOW_REGISTRATION_MS);
      }
      orFail(kernel, () => loadBalancer.register(id));
    },
    deregister: async (_, id) => orFail(kernel, () => loadBalancer.deregister(id)),
    health: (_, id) => {
      const state = loadBalancer.stateOf(id);
      return state === 'unused' ? undefined : state;
    },
  };
}

/** The engine logs errors and goes on; one of the simulation itself has to end the run. */
function orFail(kernel: Kernel, act: () => void): void {
  try {
    act();
  } catch (error) {
    kernel.fail(error);
    throw error;
  }
}
