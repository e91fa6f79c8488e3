/** The simulation as the world of a scenario: one fleet under virtual time, without faults. */
import { recordKeys } from '../../../functions/records/keys.ts';
import type { InstanceRecord, LockRecord } from '../../../functions/records/types.ts';
import { type Behaviour, drawRelease } from '../cloud/releases.ts';
import { startTraffic } from '../cloud/traffic/users.ts';
import { NOTHING_GOES_WRONG } from '../faults/fault-plan.ts';
import { NO_FAULTS } from '../faults/faults.ts';
import { EPOCH_MS, type Kernel } from '../kernel/kernel.ts';
import { connectSeam } from '../seam/connect-seam.ts';
import { createWorld, readDeploy, readRecord, readRecords, type WorldOptions } from '../world/world.ts';
import type { ScenarioWorld } from './play-scenario.ts';
import { type Quality, SERVERS } from './scenario.ts';

const FIRST = '1.0.0';
const USERS = 10;
/** Health checks have run, and requests were counted for some minutes. */
const WARM_UP_MS = 300_000;
/** A wait grows to this: the phases of a target take longer. */
const LONGEST_POLL_MS = 250;
const FIRST_POLL_MS = 100;
const POLL_GROWTH = 1.3;
const LONGEST_WAIT_MS = 2 * 3_600_000;
const FAILOVER_MS = 20_000;
/** An alarm is forced again and again: that a release raised it has to show in data that are new. */
const RED_AGAIN_MS = 30_000;
const RED_MS = 300_000;

/** How a release is bad at each stage: the way in which the local cloud's releases are. */
const CHANGES: Partial<Record<Quality, Partial<Behaviour>>> = { start: { start: 'exits' }, bake: { errorShare: 1 } };

type Options = Pick<WorldOptions, 'kernel' | 'installation' | 'machines' | 'documents' | 'functions'>;

export interface SimulatedWorld {
  readonly world: ScenarioWorld;
  /** Lets everything happen until the work has ended. @throws Error of the work, or of the run */
  during<T>(work: () => Promise<T>): Promise<T>;
}

/** @param hasUsers a release shows its errors to them; alarms of the servers are about them */
export function createSimulatedWorld(options: Options, hasUsers: boolean): SimulatedWorld {
  const { kernel, installation } = options;
  const world = createWorld({ ...options, faults: NO_FAULTS, watcher: {}, servers: SERVERS, wrong: NOTHING_GOES_WRONG });
  const { stepFunctions, dynamoDb, autoScaling, loadBalancer, servers, store, cloudWatch } = world;
  const { fleet } = installation;
  const disconnect = connectSeam({ kernel, services: world.services, faults: NO_FAULTS, watcher: {} });
  const draws = kernel.random('releases');
  const publish = (version: string, quality: Quality) => {
    const changes = CHANGES[quality] ?? {};
    world.publish(drawRelease(draws, version, quality === 'settle' ? 'good' : quality, changes));
    return version;
  };
  publish(FIRST, 'good');
  world.begin(FIRST);
  if (hasUsers) startTraffic({ kernel, loadBalancer, store, watcher: {}, phases: [{ fromMs: 0, users: USERS }] });

  const until = pollIn(kernel);
  const record = async (executionArn: string) => readDeploy(dynamoDb, fleet, executionArn.split(':').at(-1) ?? '');
  const targets = () => new Map(loadBalancer.registered().map((instanceId) => [instanceId, loadBalancer.stateOf(instanceId)]));
  let published = 1;
  return {
    during: async (work) => {
      try {
        await kernel.run(EPOCH_MS + WARM_UP_MS);
        return await runUntilDone(kernel, work());
      } finally {
        disconnect();
      }
    },
    world: {
      until,
      record,
      untilHealthy: async (count) =>
        void (await until(async () => {
          const states = [...targets().values()];
          return (states.length === count && states.every((state) => state === 'healthy')) || undefined;
        }, `${count} healthy targets and no other`)),
      currentVersion: async () =>
        readRecord<{ readonly currentVersion: string }>(dynamoDb, recordKeys.fleet(fleet))?.currentVersion ?? 'none',
      async publish(quality) {
        published += 1;
        return publish(`${published}.0.0`, quality);
      },
      deploy: async (version, onFailure) =>
        stepFunctions.start('deploy', { version, requestedBy: 'scenario', ...(onFailure && { onFailure }) }),
      ended: (executionArn) =>
        until(async () => {
          const found = stepFunctions.find(executionArn);
          return found === undefined || found.status === 'RUNNING'
            ? undefined
            : { status: found.status, ...(found.error !== undefined && { error: found.error }) };
        }, `the end of ${executionArn}`),
      lock: async () => readRecord<LockRecord>(dynamoDb, recordKeys.lock(fleet)),
      versions: async () => {
        const members = autoScaling.group.members;
        const recorded = readRecords<InstanceRecord>(dynamoDb, recordKeys.instance(fleet, ''));
        return new Map(
          recorded.filter(({ instanceId }) => members.has(instanceId)).map(({ instanceId, version }) => [instanceId, version]),
        );
      },
      targetHealth: async () => targets(),
      suspended: async () => [...autoScaling.group.suspended.keys()].sort(),
      async abort(executionArn) {
        const found = stepFunctions.find(executionArn);
        if (found?.status === 'RUNNING') stepFunctions.stop(found, 'Aborted', 'scenario');
      },
      kill: async (instanceId) => servers.machine(instanceId).crash(),
      terminate: async (instanceId) => autoScaling.operator.terminate(instanceId, false),
      async failOver() {
        store.failover(FAILOVER_MS);
        await kernel.sleep(FAILOVER_MS);
      },
      async redAlarm() {
        const name = cloudWatch.alarmNames[0] as string;
        const force = () => cloudWatch.forceRed(name, RED_MS);
        force();
        const forcing = kernel.every(RED_AGAIN_MS, force);
        return async () => forcing.cancel();
      },
    },
  };
}

function pollIn(kernel: Kernel): ScenarioWorld['until'] {
  return async (condition, what) => {
    const endMs = kernel.now() + LONGEST_WAIT_MS;
    for (let pauseMs = FIRST_POLL_MS; ; pauseMs = Math.min(LONGEST_POLL_MS, pauseMs * POLL_GROWTH)) {
      const value = await condition();
      if (value !== undefined) return value;
      if (kernel.now() > endMs) throw new Error(`not within ${LONGEST_WAIT_MS / 1000} virtual seconds: ${what}`);
      await kernel.sleep(pauseMs);
    }
  };
}

async function runUntilDone<T>(kernel: Kernel, work: Promise<T>): Promise<T> {
  let end: { readonly value: T } | { readonly error: unknown } | undefined;
  work.then(
    (value) => {
      end = { value };
    },
    (error: unknown) => {
      end = { error };
    },
  );
  await kernel.run(kernel.now() + 4 * LONGEST_WAIT_MS, () => end !== undefined);
  if (end === undefined) throw new Error('the scenario never ends');
  if ('error' in end) throw end.error;
  return end.value;
}
