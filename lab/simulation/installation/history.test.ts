/** Deploys of 200 servers on the synthesized definitions: their histories have to stay below Step Functions' 25,000 events. */
import { beforeAll, expect, test } from 'vitest';
import { awaitRolls } from '../../../functions/deploy/rolls/await-rolls.ts';
import { namesOf } from '../../../functions/deploy/rolls/in-flight.ts';
import { fewestEvents, MOST_EVENTS } from '../../../functions/deploy/rolls/look-again.ts';
import type { DeployRecord, TargetProgress } from '../../../functions/records/types.ts';
import { FULL } from '../../../test/e2e/full-run.ts';
import { DEPLOY } from '../../../test/functions/fakes/fixtures.ts';
import { memoryRecords } from '../../../test/functions/fakes/memory-records.ts';
import type { ExecutionStatus } from '../cloud/execution-record.ts';
import { StepFunctions } from '../cloud/step-functions.ts';
import { synthesized } from '../fakes/synthesized.ts';
import { NO_FAULTS } from '../faults/faults.ts';
import { Kernel } from '../kernel/kernel.ts';
import { type CheckedMachines, checkedMachines, functionsByArn } from './definitions.ts';
import type { Installation } from './installation.ts';

const SERVERS = 200;
const BAKE_SECONDS = 15;
/** A record with 200 targets has 350 KB, in pages of 1 MB at the most. */
const READ_MS = 500;
/** What a function can take. */
const FUNCTION_MS = 60_000;

let installation: Installation;
let machines: CheckedMachines;
beforeAll(async () => {
  installation = (await synthesized()).created;
  const checked = checkedMachines(installation);
  // How long a roll takes is the test's own affair.
  const definition = { StartAt: 'Done', States: { Done: { Type: 'Succeed' } } } as const;
  machines = { ...checked, rollTarget: { ...checked.rollTarget, definition } };
});

interface Fleet {
  /** @default SERVERS */
  readonly servers?: number;
  readonly mostAtOnce: number;
  /** How long each roll takes. */
  readonly seconds: number;
}

/** Runs the machine to its end. @returns how it ended, and after how long */
async function run(
  machine: 'deploy' | 'cleanUp',
  { servers = SERVERS, mostAtOnce, seconds }: Fleet,
): Promise<{ status: ExecutionStatus; hours: number }> {
  const kernel = new Kernel(3);
  const startedAtMs = kernel.now();
  const begun = new Map<string, number>();
  let longestLookMs = 0;
  let next = 0;
  let lastEnd: TargetProgress | undefined;

  /** The record's targets: those at work, and of those that have ended the last one. */
  const targets = (): Record<string, TargetProgress> => {
    for (const [instanceId, atMs] of begun) {
      const finishedAtMs = atMs + seconds * 1_000;
      if (kernel.now() < finishedAtMs) continue;
      begun.delete(instanceId);
      lastEnd = { phase: 'done', order: 0, fromVersion: '1', phaseStartedAtMs: finishedAtMs, finishedAtMs };
    }
    const atWork = [...begun].map(([instanceId, startedAtMs]): [string, TargetProgress] => {
      // Draining nearly all the time: the next phases are short.
      const bakesAtMs = startedAtMs + (seconds - BAKE_SECONDS) * 1_000;
      const isBaking = kernel.now() >= bakesAtMs;
      const at = isBaking
        ? ({ phase: 'baking', phaseStartedAtMs: bakesAtMs } as const)
        : ({ phase: 'draining', phaseStartedAtMs: startedAtMs } as const);
      return [instanceId, { ...at, executionName: instanceId, order: 0, fromVersion: '1', startedAtMs }];
    });
    return { ...Object.fromEntries(atWork), ...(lastEnd && { before: lastEnd }) };
  };
  const ports = {
    records: {
      ...memoryRecords(),
      async getDeploy() {
        await kernel.sleep(READ_MS);
        return { targets: targets() } as unknown as DeployRecord;
      },
      updateTarget: async () => true,
      recordFirstFailure: async () => {},
    },
    executions: { describe: async () => ({ status: 'RUNNING' }) },
    rollTargetStateMachineArn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:roll',
    now: () => kernel.now(),
    pause: (ms: number) => kernel.sleep(ms),
  };
  const deploy = { ...DEPLOY, startedAtMs, settings: { ...DEPLOY.settings, bakeSeconds: BAKE_SECONDS } };
  const look = async (seen: readonly string[]) => {
    const sinceMs = kernel.now();
    const { atWork, someEnded, again } = await awaitRolls(ports, deploy, { seen, recordDeath: async () => {} });
    longestLookMs = Math.max(longestLookMs, kernel.now() - sinceMs);
    return { verdict: someEnded ? 'DONE' : again.verdict, waitSeconds: again.waitSeconds, waitingSinceMs: 0, atWork: namesOf(atWork) };
  };
  const choose = () => {
    targets();
    const waits = { waitingSinceMs: 0, atWork: [...begun.keys()] };
    if (next === servers && begun.size === 0) return { verdict: 'DONE', ...waits };
    if (next === servers || begun.size >= mostAtOnce) return { verdict: 'AWAIT', ...waits };
    next += 1;
    const instanceId = `i-${next}`;
    begun.set(instanceId, kernel.now());
    const room = begun.size < mostAtOnce;
    const executionName = `${instanceId}-${machine}`;
    return { verdict: 'ROLL', waitingSinceMs: 0, executionName, room, roll: { instanceId }, atWork: [...begun.keys()] };
  };
  const answers: Readonly<Record<string, (atWork: readonly string[]) => unknown>> = {
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
    async invoke(_, payload) {
      const { step, atWork = [] } = payload as { readonly step: string; readonly atWork?: readonly string[] };
      return answers[step]?.(atWork) ?? { verdict: 'DONE', waitingSinceMs: 0 };
    },
    faults: NO_FAULTS,
  });
  const arn = executions.start(machine, { version: '2.0.0' }, 'd1');
  await kernel.run(startedAtMs + 49 * 3_600_000, () => executions.find(arn)?.status !== 'RUNNING');
  const { status, stoppedAtMs = 0 } = executions.find(arn) ?? {};
  expect(longestLookMs).toBeLessThan(FUNCTION_MS - 10_000);
  return { status: status as ExecutionStatus, hours: (stoppedAtMs - startedAtMs) / 3_600_000 };
}

/** Fleets, and how many hours a deploy may take. */
const DEPLOYS: readonly (readonly [Fleet, number])[] = [
  [{ mostAtOnce: 1, seconds: 100 }, 6],
  [{ mostAtOnce: 1, seconds: 300 }, 18.3],
  [{ mostAtOnce: 10, seconds: 200 }, 1.2],
  [{ mostAtOnce: 50, seconds: 3_600 }, 4.25],
  [{ mostAtOnce: 200, seconds: 600 }, 0.3],
  ...(FULL
    ? ([
        [{ mostAtOnce: 1, seconds: 720 }, 46],
        // Hundreds of thousands of looks at 50 servers.
        [{ mostAtOnce: 50, seconds: 10_000 }, 11.7],
      ] as const)
    : []),
];

test.each(DEPLOYS)('a deploy of 200 servers, %o, ends well, and takes little longer than its rolls', async (fleet, mostHours) => {
  const { status, hours } = await run('deploy', fleet);
  expect(status).toBe('SUCCEEDED');
  expect(hours).toBeLessThan(mostHours);
});

test.each([
  [{ servers: 885, mostAtOnce: 1, seconds: 20 }, 'SUCCEEDED'],
  [{ servers: 893, mostAtOnce: 1, seconds: 20 }, 'FAILED'],
  [{ servers: 1_200, mostAtOnce: 10, seconds: 20 }, 'FAILED'],
] as const)('a deploy is refused beforehand only where its history ends it: %o %s', async (fleet, status) => {
  const fewest = fewestEvents(fleet.servers, fleet.mostAtOnce, fleet.seconds - BAKE_SECONDS);
  expect(fewest > MOST_EVENTS).toBe(status === 'FAILED');
  expect((await run('deploy', fleet)).status).toBe(status);
});

test('what ends a deploy of 200 servers that takes too long is its limit of two days, and not its history', async () => {
  expect((await run('deploy', { mostAtOnce: 1, seconds: 870 })).status).toBe('TIMED_OUT');
});

test.each([
  { mostAtOnce: 1, seconds: 400 },
  { mostAtOnce: 10, seconds: 200 },
  { mostAtOnce: 50, seconds: 3_600 },
])('its clean-up, %o, ends well', async (fleet) => {
  expect((await run('cleanUp', fleet)).status).toBe('SUCCEEDED');
});
