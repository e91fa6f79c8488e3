/** Deploys of 200 servers on the synthesized definitions: their histories have to stay below Step Functions' 25,000 events. */
import { beforeAll, expect, test } from 'vitest';
import { LOOK_PAUSES_MS } from '../../../functions/deploy/rolls/await-rolls.ts';
import type { TargetInFlight } from '../../../functions/deploy/rolls/in-flight.ts';
import { lookAgain } from '../../../functions/deploy/rolls/look-again.ts';
import type { ExecutionStatus } from '../cloud/execution-record.ts';
import { StepFunctions } from '../cloud/step-functions.ts';
import { NO_FAULTS } from '../faults/faults.ts';
import { Kernel } from '../kernel/kernel.ts';
import { type CheckedMachines, checkedMachines, functionsByArn } from './definitions.ts';
import type { Installation } from './installation.ts';
import { synthesizeInstallation } from './synthesize-installation.ts';

const SERVERS = 200;
const BAKE_SECONDS = 15;

let installation: Installation;
let machines: CheckedMachines;
beforeAll(async () => {
  installation = await synthesizeInstallation('created');
  const checked = checkedMachines(installation);
  // How long a roll takes is the test's own affair.
  const definition = { StartAt: 'Done', States: { Done: { Type: 'Succeed' } } } as const;
  machines = { ...checked, rollTarget: { ...checked.rollTarget, definition } };
});

interface Fleet {
  readonly mostAtOnce: number;
  /** Of each roll. */
  readonly seconds: number;
}

/** Runs the machine to its end. @returns how it ended, and after how long */
async function run(machine: 'deploy' | 'cleanUp', { mostAtOnce, seconds }: Fleet): Promise<{ status: ExecutionStatus; hours: number }> {
  const kernel = new Kernel(3);
  const startedAtMs = kernel.now();
  const begun = new Map<string, number>();
  let next = 0;
  let lastChangeMs = startedAtMs;

  const end = (): boolean => {
    const over = [...begun].filter(([, atMs]) => kernel.now() - atMs >= seconds * 1_000);
    for (const [instanceId] of over) begun.delete(instanceId);
    if (over.length > 0) lastChangeMs = kernel.now();
    return over.length > 0;
  };
  const inFlight = (): TargetInFlight[] =>
    [...begun].map(([instanceId, atMs]) => {
      // Draining nearly all the time: the next phases are short.
      const isBaking = kernel.now() - atMs >= (seconds - BAKE_SECONDS) * 1_000;
      const phaseStartedAtMs = isBaking ? atMs + (seconds - BAKE_SECONDS) * 1_000 : atMs;
      const phase = isBaking ? 'baking' : 'draining';
      return { instanceId, executionName: instanceId, phase, order: 0, fromVersion: '1', phaseStartedAtMs, startedAtMs: atMs };
    });
  const look = async () => {
    for (const ms of LOOK_PAUSES_MS) {
      if (end()) return { verdict: 'DONE', waitSeconds: 1, waitingSinceMs: 0 };
      await kernel.sleep(ms);
    }
    return { ...lookAgain(inFlight(), { bakeSeconds: BAKE_SECONDS, lastChangeMs, nowMs: kernel.now() }), waitingSinceMs: 0 };
  };
  const choose = () => {
    if (next === SERVERS && begun.size === 0) return { verdict: 'DONE', waitingSinceMs: 0 };
    if (next === SERVERS || begun.size >= mostAtOnce) return { verdict: 'AWAIT', waitingSinceMs: 0 };
    next += 1;
    const instanceId = `i-${next}`;
    begun.set(instanceId, kernel.now());
    const room = begun.size < mostAtOnce;
    return { verdict: 'ROLL', waitingSinceMs: 0, executionName: `${instanceId}-${machine}`, room, roll: { instanceId } };
  };
  const answers: Readonly<Record<string, () => unknown>> = {
    nextTarget: choose,
    awaitTargets: look,
    awaitStore: () => ({ verdict: 'DONE', failedOver: false }),
    settle: () => ({ verdict: 'DONE', settleStartedAtMs: 1 }),
    claim: () => ({ verdict: 'DONE', deploy: {}, lease: {}, endedAs: 'FAILED', error: {}, strayCallSeconds: 0 }),
  };
  const executions = new StepFunctions({
    kernel,
    machines,
    functions: functionsByArn(installation),
    invoke: async (_, payload) => answers[(payload as { readonly step: string }).step]?.() ?? { verdict: 'DONE', waitingSinceMs: 0 },
    faults: NO_FAULTS,
  });
  const arn = executions.start(machine, { version: '2.0.0' }, 'd1');
  await kernel.run(startedAtMs + 49 * 3_600_000, () => executions.find(arn)?.status !== 'RUNNING');
  const { status, stoppedAtMs = 0, error } = executions.find(arn) ?? {};
  expect(error).toBeUndefined();
  return { status: status as ExecutionStatus, hours: (stoppedAtMs - startedAtMs) / 3_600_000 };
}

test.each([
  [{ mostAtOnce: 1, seconds: 100 }, 6],
  [{ mostAtOnce: 1, seconds: 300 }, 18.3],
  [{ mostAtOnce: 1, seconds: 720 }, 46],
  [{ mostAtOnce: 10, seconds: 200 }, 1.2],
  [{ mostAtOnce: 50, seconds: 10_000 }, 11.7],
  [{ mostAtOnce: 200, seconds: 600 }, 0.3],
])('a deploy of 200 servers, %o, ends well, and takes little longer than its rolls', async (fleet, mostHours) => {
  const { status, hours } = await run('deploy', fleet);
  expect(status).toBe('SUCCEEDED');
  expect(hours).toBeLessThan(mostHours);
});

test('what ends a deploy of 200 servers that takes too long is its limit of two days, and not its history', async () => {
  expect((await run('deploy', { mostAtOnce: 1, seconds: 850 })).status).toBe('TIMED_OUT');
});

test.each([
  { mostAtOnce: 1, seconds: 400 },
  { mostAtOnce: 10, seconds: 200 },
  { mostAtOnce: 50, seconds: 3_600 },
])('its clean-up, %o, ends well', async (fleet) => {
  expect((await run('cleanUp', fleet)).status).toBe('SUCCEEDED');
});
