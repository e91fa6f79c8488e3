import { describe, expect, it } from 'vitest';
import { SOURCES } from '../../../functions/incidents/contract/evidence.ts';
import { DRAIN_ENV } from '../../../functions/shared/aws/drain-rule-contract.ts';
import { readFleet } from '../deploy-use.ts';
import { listWork, runsOf } from '../list-work.ts';
import { functionOf, LOOPING, machineOf, stackOf } from './templates.ts';

const workIn = (stack: ReturnType<typeof stackOf>) =>
  listWork([stack], 'holdfast', readFleet([stack], 'web', { servers: 4, deploysPerDay: 10 }));
const workOf = (resources: Parameters<typeof stackOf>[1]) => workIn(stackOf('holdfast-web-deploy', { ...functionOf('web'), ...resources }));
const rule = (ScheduleExpression: string, target: string) => ({
  Rule: { Type: 'AWS::Events::Rule', Properties: { ScheduleExpression, Targets: [{ Arn: { 'Fn::GetAtt': [target, 'Arn'] } }] } },
});
const namedFunction = (FunctionName: string) => ({
  Named: { Type: 'AWS::Lambda::Function', Properties: { FunctionName, MemorySize: 256 } },
});

describe('the work of a month', () => {
  it('has a run per deploy, and one per server that a deploy rolls or rolls back', () => {
    const deploys = workOf(machineOf('holdfast-web-deploy', LOOPING)).work;
    const targets = workOf(machineOf('holdfast-web-roll-target', LOOPING)).work;
    expect([deploys, targets].map((work) => [work[0]?.what, work[0]?.runsPerMonth])).toEqual([
      ['deploys', 304],
      ['targets', 1_216 + 304 * 0.1 * 2],
    ]);
  });

  it('has the wait for the sessions of each server where deploys wait for them', () => {
    const roll = machineOf('holdfast-web-roll-target', LOOPING);
    const stack = stackOf('holdfast-web-deploy', { ...functionOf('web', { [DRAIN_ENV.drainRuleArn]: 'arn:rule' }), ...roll });
    const [sticky] = workIn(stack).work;
    const [plain] = workOf(roll).work;
    // 12 states on the way; 2 × (30 + 60) / 10.5 polls of 3, with a health check every 30 s where no template has one; 1,920 / 13.5 × 5.
    expect(Math.round((sticky?.use.transitions ?? 0) - (plain?.use.transitions ?? 0))).toBe(775);
  });

  it('has the states, calls, seconds, log lines and records of a run', () => {
    const { work } = workOf(machineOf('holdfast-web-terminate', LOOPING, { LoggingConfiguration: { Level: 'ALL' } }));
    expect(work).toMatchObject([
      {
        what: 'terminations',
        runsPerMonth: 12,
        use: {
          transitions: 6,
          requests: 2,
          // Two steps of half a second, and a drain of 25 s, with 256 MB.
          gbSeconds: 26 * 0.25,
          logBytes: 2 * 1_000 + (6 * 2 + 2 * 3) * 600,
          traces: 0,
          // The lease and one item, however many targets there are; 4 KB per read unit.
          tableWrites: 2 * 2,
          tableReads: 2,
        },
      },
    ]);
  });

  it('is logged and traced only where that is enabled', () => {
    const use = (more: object) => workOf(machineOf('holdfast-web-launch', LOOPING, { ...more })).work[0]?.use;
    expect(use({ LoggingConfiguration: { Level: 'ERROR' } })?.logBytes).toBe(2 * 1_000);
    expect([{}, { TracingConfiguration: { Enabled: true } }].map((more) => use(more)?.traces)).toEqual([0, 1]);
  });

  it.each([
    ['holdfast-web-deploys-widget', 'renderings of the latest deploys', 912, 1.5],
    ['holdfast-store-sweeps-widget', 'renderings of the latest sweeps', 912, 1.5],
    ['holdfast-store-incidents-widget', 'renderings of the latest incidents', 912, 1.5],
    ['holdfast-incidents-alarm', 'changes of alarms', 6 * 30.4, 0.5],
  ])('has what no schedule and no state machine starts, by the name of its function: %s', (name, what, runs, seconds) => {
    const { work, unknown } = workOf(namedFunction(name));
    expect([work.map((one) => [one.what, one.use.requests, one.use.gbSeconds]), unknown]).toEqual([[[what, 1, seconds * 0.25]], []]);
    expect(work[0]?.runsPerMonth).toBeCloseTo(runs);
  });

  it('has a runbook a day, with the time that its sources wait and what they store', () => {
    const { work } = workOf(machineOf('holdfast-runbook', LOOPING));
    expect(work.slice(1)).toMatchObject([{ what: 'looks', runsPerMonth: expect.closeTo(12 * 30.4, 5) }]);
    expect(work.slice(0, 1)).toMatchObject([{ what: 'runbooks', runsPerMonth: 30.4, use: { objectWrites: SOURCES.length + 3 } }]);
    expect(work[0]?.use.gbSeconds).toBeCloseTo((1 + (SOURCES.length - 2) * 0.5 + SOURCES.length * 15) * 0.25);
  });

  it('names the checks of open incidents by their function: every third one reads the alarms', () => {
    const { work } = workOf({ ...rule('rate(5 minutes)', 'Named'), ...namedFunction('holdfast-incidents-tend') });
    expect(work).toMatchObject([{ what: 'checks of open incidents', runsPerMonth: 8_755.2, use: { schedules: 1, alarmReads: 1 / 3 } }]);
  });

  it('reports a state machine whose number of runs is unknown', () => {
    expect(workOf(machineOf('holdfast-web-new', LOOPING)).unknown).toEqual(['how often holdfast-web-new runs']);
  });

  it('counts the runs of a scheduled state machine', () => {
    const { work } = workOf({ ...machineOf('holdfast-web-new', LOOPING), ...rule('rate(5 minutes)', 'Machine') });
    expect(work).toMatchObject([{ runsPerMonth: (30.4 * 1_440) / 5, use: { schedules: 1, transitions: 6 } }]);
  });

  it('counts a scheduled sweep apart from a check of the counters', () => {
    const schedule = (Input: string) => ({
      Type: 'AWS::Scheduler::Schedule',
      Properties: { ScheduleExpression: 'rate(1 day)', Target: { Arn: { Ref: 'Machine' }, Input } },
    });
    const { work } = workOf({
      ...machineOf('holdfast-sweep', LOOPING),
      Sweep: schedule('{}'),
      Check: schedule('{"requestedBy":"check","check":true}'),
    });
    expect(work.map(({ what, runsPerMonth, use }) => [what, runsPerMonth, use.schedules, use.transitions])).toEqual([
      // One of the two is started by the alarm.
      ['sweeps', 60.8, 0.5, 6],
      ['checks of the counters', 30.4, 1, 5],
    ]);
  });

  it('counts the runs of a scheduled function', () => {
    const { work, unknown } = workOf(rule('rate(1 minute)', 'Live'));
    expect(work).toMatchObject([{ what: 'runs of Function', runsPerMonth: 43_776, use: { requests: 1, gbSeconds: 0.125, tableReads: 1 } }]);
    expect(unknown).toEqual([]);
  });

  it('reports a schedule that it cannot read', () => {
    expect(workOf(rule('cron(0 3 * * ? *)', 'Live')).unknown).toEqual(['how often the schedule "cron(0 3 * * ? *)" runs']);
  });
});

it('counts a function apart from the state machine of the same name', () => {
  const { work } = workOf({ ...rule('rate(5 minutes)', 'Named'), ...namedFunction('holdfast-web-other') });
  expect(work.map(({ what }) => what)).toEqual(['runs of holdfast-web-other']);
});

it('counts calls of functions by their names, and the states of a Map in the branch of a Parallel', () => {
  const each = { StartAt: 'Each', States: { Each: { Type: 'Map', ItemProcessor: { StartAt: 'Send', States: LOOPING.States } } } };
  const States = {
    A: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Next: 'B' },
    B: { Type: 'Task', Resource: 'arn:aws:states:::states:startExecution.sync:2', Next: 'C' },
    C: { Type: 'Parallel', Branches: [each], End: true },
  };
  const { work } = workOf(machineOf('holdfast-web-launch', { StartAt: 'A', States }));
  expect(work[0]?.use).toMatchObject({ transitions: 1 + 3 + 1 + 5, requests: 1 + 2 });
});

describe('a schedule', () => {
  it.each([
    ['rate(1 minute)', 43_776],
    ['rate(5 minutes)', 8_755.2],
    ['rate(2 hours)', 364.8],
    ['rate(1 day)', 30.4],
    ['cron(0 3 * * ? *)', undefined],
    ['at(2026-01-01T00:00:00)', undefined],
  ])('%s has %s runs per month', (expression, runs) => {
    if (runs === undefined) expect(runsOf(expression)).toBeUndefined();
    else expect(runsOf(expression)).toBeCloseTo(runs);
  });
});
