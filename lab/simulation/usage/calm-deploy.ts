/** A deploy in the simulation in which nothing goes wrong, and what each of its executions uses. */
import { EXECUTION_UNITS, type Execution } from '../../../cli/cost/deploy-usage.ts';
import type { DeploySettings } from '../../../functions/deploy/settings/settings.ts';
import type { Watcher } from '../cloud/contracts.ts';
import { loadFunctions } from '../cloud/lambda-functions.ts';
import { drawRelease } from '../cloud/releases.ts';
import { simulatedDocuments } from '../cloud/ssm/simulated-documents.ts';
import { NOTHING_GOES_WRONG } from '../faults/fault-plan.ts';
import { NO_FAULTS } from '../faults/faults.ts';
import { checkedMachines } from '../installation/definitions.ts';
import type { Installation } from '../installation/installation.ts';
import { withSettings } from '../installation/with-settings.ts';
import { EPOCH_MS, Kernel } from '../kernel/kernel.ts';
import { replaceGlobals } from '../kernel/virtual-globals.ts';
import { connectSeam } from '../seam/connect-seam.ts';
import { currentInvocation } from '../seam/current-invocation.ts';
import { createWorld } from '../world/world.ts';

const functions = await loadFunctions();

export interface CalmDeploy {
  readonly seed: number;
  readonly installation: Installation;
  readonly servers: number;
  /** Those that no definition contains. */
  readonly settings: Partial<DeploySettings>;
  /** Between two health checks of a target. */
  readonly healthCheckSeconds: number;
}

/** The machines of a deploy that succeeds. */
export type Measured = Readonly<Record<'deploy' | 'rollTarget', Execution>>;

const WARM_UP_MS = 240_000;
const LONGEST_MS = 24 * 3_600_000;
/** Installing a release and starting it take longer on a real server than what the simulation draws. */
const START_MS = 20_000;

/** @returns what one execution of each machine uses, on average @throws Error when one of them does not succeed */
export async function runCalmDeploy({ seed, installation, servers, settings, healthCheckSeconds }: CalmDeploy): Promise<Measured> {
  const kernel = new Kernel(seed);
  const configured = withHealthChecks(withSettings(installation, settings), healthCheckSeconds);
  const used = { deploy: new Meter(), rollTarget: new Meter() };
  const meterOf = (machine: string | undefined): Meter | undefined => used[machine as keyof typeof used];
  const watcher: Watcher = {
    stateEntered: ({ machine }) => meterOf(machine)?.add('transitions'),
    effect: ({ operation, invocation: { caller } }) => operation === 'DescribeAlarms' && meterOf(caller?.machine)?.add('alarmReads'),
    executionEnded: ({ machine, status }) => {
      if (status !== 'SUCCEEDED') kernel.fail(new Error(`${machine} ended as ${status} in the calm deploy of seed ${seed}`));
      meterOf(machine)?.endExecution();
    },
  };
  const metered: typeof functions = (connect) => {
    const entries = [...functions(connect)].map(([name, newHandler]) => {
      const meteredHandler: typeof newHandler = (environment) => {
        const handler = newHandler(environment);
        return async (request) => {
          const meter = meterOf(currentInvocation.getStore()?.caller?.machine);
          const startedAtMs = kernel.now();
          meter?.add('requests');
          return handler(request).finally(() => meter?.add('functionSeconds', (kernel.now() - startedAtMs) / 1000));
        };
      };
      return [name, meteredHandler] as const;
    });
    return new Map(entries);
  };
  const restore = replaceGlobals(kernel);
  try {
    const bucket = configured.functions.command.environment['HOLDFAST_RELEASES_BUCKET'] ?? '';
    const documents = simulatedDocuments(configured.documents, bucket);
    const nothing = { returnsSoon: true, faults: NO_FAULTS, wrong: NOTHING_GOES_WRONG };
    const machines = checkedMachines(configured);
    const world = createWorld({ kernel, installation: configured, machines, documents, functions: metered, watcher, servers, ...nothing });
    const disconnect = connectSeam({ kernel, services: world.services, faults: NO_FAULTS, watcher });
    try {
      const draws = kernel.random('releases');
      for (const version of ['1.0.0', '2.0.0']) world.publish(drawRelease(draws, version, 'good', { startMs: [START_MS, START_MS] }));
      world.begin('1.0.0');
      await kernel.run(EPOCH_MS + WARM_UP_MS);
      const executionArn = world.stepFunctions.start('deploy', { version: '2.0.0' });
      await kernel.run(EPOCH_MS + LONGEST_MS, () => world.stepFunctions.find(executionArn)?.status !== 'RUNNING');
    } finally {
      disconnect();
    }
  } finally {
    restore();
  }
  return { deploy: used.deploy.average(), rollTarget: used.rollTarget.average() };
}

class Meter {
  private readonly sums: Partial<Record<keyof Execution, number>> = {};
  private executions = 0;

  add(unit: keyof Execution, amount = 1): void {
    this.sums[unit] = (this.sums[unit] ?? 0) + amount;
  }

  /** Step Functions' own examples count the start as a transition. */
  endExecution(): void {
    this.executions += 1;
    this.add('transitions');
  }

  average(): Execution {
    return Object.fromEntries(EXECUTION_UNITS.map((unit) => [unit, (this.sums[unit] ?? 0) / this.executions])) as Execution;
  }
}

function withHealthChecks(installation: Installation, intervalSeconds: number): Installation {
  const { targetGroup } = installation;
  return { ...installation, targetGroup: { ...targetGroup, healthCheck: { ...targetGroup.healthCheck, intervalSeconds } } };
}
