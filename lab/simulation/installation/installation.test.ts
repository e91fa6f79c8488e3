/** The definitions that CDK synthesizes, run from start to end with functions that answer at once. */
import { beforeAll, describe, expect, test } from 'vitest';
import { everyCatch, everyState } from '../asl/coverage.ts';
import { StepFunctions } from '../cloud/step-functions.ts';
import { synthesized } from '../fakes/synthesized.ts';
import { NO_FAULTS } from '../faults/faults.ts';
import { Kernel } from '../kernel/kernel.ts';
import { type CheckedMachines, checkedMachines, definitionsOf, functionsByArn } from './definitions.ts';
import { FUNCTIONS, type Installation, MACHINES } from './installation.ts';
import type { Installations } from './installation-file.ts';

let installations: Installations;

beforeAll(async () => {
  installations = await synthesized();
});

type Request = { readonly step: string } & Readonly<Record<string, unknown>>;

/** Functions that are done at once; the deploy has one target. */
function answer(name: string, { step }: Request, calls: string[]): unknown {
  calls.push(`${name} ${step}`);
  if (name === 'assess' && step === 'nextTarget') {
    const rolled = calls.filter((call) => call === 'assess nextTarget').length > 1;
    return rolled
      ? { verdict: 'DONE', waitingSinceMs: 0, atWork: [] }
      : { verdict: 'ROLL', waitingSinceMs: 0, executionName: 'roll-1', room: false, atWork: ['roll-1'], roll: { instanceId: 'i-1' } };
  }
  if (step === 'awaitTargets')
    return { verdict: calls.includes('command checkBake') ? 'DONE' : 'REPEAT', waitSeconds: 1, waitingSinceMs: 0, atWork: ['roll-1'] };
  if (step === 'settle') return { verdict: 'DONE', settleStartedAtMs: 1 };
  if (name === 'storeCheck') return { verdict: 'DONE', failedOver: false };
  return { verdict: 'DONE', roll: { instanceId: 'i-1' } };
}

async function deploy(
  installation: Installation,
  machines: CheckedMachines,
): Promise<{ status: string; states: string[]; calls: string[] }> {
  const kernel = new Kernel(7);
  const states: string[] = [];
  const calls: string[] = [];
  const executions = new StepFunctions({
    kernel,
    machines,
    functions: functionsByArn(installation),
    invoke: async (name, payload) => answer(name, payload as Request, calls),
    faults: NO_FAULTS,
    watcher: { stateEntered: ({ machine, state }) => void states.push(`${machine}/${state}`) },
  });
  const arn = executions.start('deploy', { version: '2.0.0' }, 'd1');
  await kernel.run(kernel.now() + 3_600_000);
  return { status: executions.find(arn)?.status as string, states, calls };
}

describe.each(['created', 'existing', 'sticky', 'shared', 'bundles', 'adopting'] as const)(
  'the installation with %s servers',
  (variant) => {
    test('deploys from its first state to the last', async () => {
      const installation = installations[variant];
      const { status, states, calls } = await deploy(installation, checkedMachines(installation));
      expect(status).toBe('SUCCEEDED');
      expect(states[0]).toBe('deploy/Take input');
      expect(states.at(-1)).toBe('deploy/Deployed');
      expect(states).toContain('rollTarget/Target done');
      expect(calls).toContain('command prepare');
    });

    test('is plain JSON', () => {
      expect(JSON.parse(JSON.stringify(installations[variant]))).toEqual(installations[variant]);
      expect(JSON.stringify(installations[variant])).not.toMatch(/"(Ref|Fn::[A-Za-z]+)":/);
    });

    test('has every function’s environment in text, and every definition calls one of its versions', () => {
      const { functions, machines } = installations[variant];
      for (const name of FUNCTIONS.filter((one) => one !== 'sessions' || installations[variant].drain))
        expect(functions[name]?.arns).toHaveLength(2);
      expect(functions.control.environment).toMatchObject({ HOLDFAST_FLEET: 'web', HOLDFAST_RECORDS_TABLE: 'holdfast-records' });
      expect(machines.rollTarget.versionArn).toBe(`${machines.rollTarget.arn}:1`);
    });
  },
);

test('has AWS’s times, not short ones', () => {
  const { settings, reconcile, hooks, targetGroup, group, alarms } = installations.created;
  expect(settings).toMatchObject({ settleSeconds: 180, leaseSeconds: 720, minimumHealthyTargets: 2 });
  expect(reconcile).toMatchObject({ everyMinutes: 5, input: { step: 'reconcile' } });
  expect([hooks.launch.heartbeatSeconds, hooks.terminate.heartbeatSeconds]).toEqual([600, 3600]);
  expect(targetGroup.healthCheck).toMatchObject({ intervalSeconds: 10, unhealthyThreshold: 3 });
  expect(group).toMatchObject({ minSize: 3, maxSize: 5, healthCheckType: 'ELB' });
  expect(alarms[0]).toMatchObject({ metricName: 'UnHealthyHostCount', periodSeconds: 60, datapointsToAlarm: 2, evaluationPeriods: 3 });
});

test('prepares servers that ran before, and only those', () => {
  expect(installations.created.documents).not.toHaveProperty('prepare');
  expect(installations.existing).toMatchObject({ prepares: true, documents: { prepare: 'holdfast-web-prepare' } });
});

test('both have the same states and Catches, named by machine and state', () => {
  const [created, existing] = [installations.created, installations.existing].map((one) => definitionsOf(checkedMachines(one)));
  const states = everyState(created as NonNullable<typeof created>);
  expect(states).toEqual(everyState(existing as NonNullable<typeof existing>));
  expect(new Set(states).size).toBe(states.length);
  expect([...new Set(states.map((key) => key.split('/')[0]))]).toEqual([...MACHINES]);
  const catches = everyCatch(created as NonNullable<typeof created>);
  expect(catches).toContain('rollTarget/Put back');
  expect(catches).toContain('cleanUp/Put back');
  for (const key of catches) expect(states).toContain(key);
});

test('waits for sessions where they are in memory, and has the states of others as they are', () => {
  const states = (variant: 'created' | 'sticky') => new Set(everyState(definitionsOf(checkedMachines(installations[variant]))));
  const [created, sticky] = [states('created'), states('sticky')];
  expect([...created].filter((state) => !sticky.has(state))).toEqual([]);
  const added = [...sticky].filter((state) => !created.has(state));
  expect(added).toEqual(
    expect.arrayContaining(['deploy/Preflight: sessions', 'rollTarget/Pin', 'rollTarget/Unpin', 'cleanUp/Release pinned']),
  );
  expect(installations.created).not.toHaveProperty('drain');
  expect(installations.sticky.drain?.targetGroup).toMatchObject({ port: 8080, deregistrationDelaySeconds: 300 });
});

test('looks at pinned servers every few seconds while a clean-up waits for a command of a dead server, and for stray calls', async () => {
  const kernel = new Kernel(7);
  const beganMs = kernel.now();
  const looksMs: number[] = [];
  const executions = new StepFunctions({
    kernel,
    machines: checkedMachines(installations.sticky),
    functions: functionsByArn(installations.sticky),
    invoke: async (name, payload) => {
      const { step, sinceMs } = payload as Request & { readonly sinceMs?: number };
      if (name === 'sessions') looksMs.push(kernel.now() - beganMs);
      if (step === 'claim') return { verdict: 'DONE', deploy: {}, lease: {}, endedAs: 'ABORTED', error: {}, strayCallSeconds: 60 };
      if (step === 'cancelCommands') return { verdict: kernel.now() - beganMs < 900_000 ? 'WAIT' : 'DONE' };
      if (step === 'releaseFailedFor') {
        const begunMs = sinceMs || kernel.now();
        return { verdict: kernel.now() - begunMs < 60_000 ? 'WAIT' : 'DONE', sinceMs: begunMs };
      }
      if (step === 'releasePinned') return { verdict: 'DONE', release: {} };
      return { verdict: 'DONE', waitingSinceMs: 0, atWork: [], error: { Error: 'Aborted', Cause: 'by hand' } };
    },
    faults: NO_FAULTS,
    watcher: {},
  });
  const arn = executions.start('cleanUp', { deployId: 'd1' }, 'c1');
  await kernel.run(beganMs + 3_600_000);
  expect(executions.find(arn)?.status).toBe('SUCCEEDED');
  const pauses = looksMs.map((ms, index) => ms - (looksMs[index - 1] ?? 0));
  expect(looksMs.at(-1)).toBeGreaterThan(960_000);
  expect(Math.max(...pauses)).toBeLessThan(15_000);
});
