import { describe, expect, it } from 'vitest';
import { listWork, runsOf } from '../../../cli/cost/list-runs.ts';
import { readFleet } from '../../../cli/cost/read-fleet.ts';
import { runMachine } from '../../../cli/cost/run-machine.ts';
import { type FoundResource, findResources } from '../../../cli/cost/template.ts';
import { SOURCES } from '../../../functions/incidents/contract/evidence.ts';
import { functionOf, LOOPING, machineOf, stackOf } from './templates.ts';

const demand = { installation: 'holdfast', fleetName: 'web', servers: 4, deploysPerDay: 10 };
const machineIn = (stack: ReturnType<typeof stackOf>) => findResources([stack], 'AWS::StepFunctions::StateMachine')[0] as FoundResource;
const workOf = (resources: Parameters<typeof stackOf>[1]) => {
  const stacks = [stackOf('holdfast-web-deploy', { ...functionOf('web'), ...resources })];
  return listWork(stacks, readFleet(stacks, 'web'), demand);
};
const rule = (ScheduleExpression: string, target: string) => ({
  Rule: { Type: 'AWS::Events::Rule', Properties: { ScheduleExpression, Targets: [{ Arn: { 'Fn::GetAtt': [target, 'Arn'] } }] } },
});

describe('one run of a state machine', () => {
  const machine = machineIn(stackOf('s', { ...functionOf('web'), ...machineOf('m', LOOPING) }));

  it('counts its states, the start, its calls and its history events', () => {
    const { transitions, invocations, events, visits } = runMachine(machine, { rounds: { 'Done?': {} }, waitedSeconds: 0 });
    expect({ transitions, invocations, events }).toEqual({ transitions: 5, invocations: 2, events: 2 + 5 + 5 + 2 + 2 });
    expect(visits).toEqual({ Send: 1, Observation: 1, 'Done?': 1, End: 1 });
  });

  it('adds the states of every repetition', () => {
    const { transitions, invocations } = runMachine(machine, { rounds: { 'Done?': { REPEAT: 2, otherwise: 3 } }, waitedSeconds: 0 });
    expect({ transitions, invocations }).toEqual({ transitions: 5 + 2 * 3 + 3 * 3, invocations: 2 + 2 * 2 + 3 });
  });

  it('charges the time that functions wait, with their memory', () => {
    const waiting = (waitedSeconds: number) => runMachine(machine, { rounds: {}, waitedSeconds }).gbSeconds;
    expect(waiting(100) - waiting(0)).toBeCloseTo(100 * 0.25);
  });

  it.each([
    ['without a number', {}],
    ['with a number for a verdict that it does not read', { 'Done?': { RENAMED: 2 } }],
  ])('reports a loop %s', (_, rounds) => {
    expect(runMachine(machine, { rounds, waitedSeconds: 0 }).unknownLoops).toEqual(['Done?']);
  });
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

  it('is logged when the machine logs everything', () => {
    const logged = (Level: string) =>
      workOf(machineOf('holdfast-web-launch', LOOPING, { LoggingConfiguration: { Level } })).work[0]?.logged;
    expect([logged('ALL'), logged('ERROR')]).toEqual([true, false]);
  });

  it.each([
    ['holdfast-web-deploys-widget', 'renderings of the latest deploys'],
    ['holdfast-store-sweeps-widget', 'renderings of the latest sweeps'],
    ['holdfast-store-incidents-widget', 'renderings of the latest incidents'],
  ])('has the renderings of a custom widget, by the name of its function: %s', (FunctionName, what) => {
    const stack = stackOf('holdfast-web-deploy', {
      Draw: { Type: 'AWS::Lambda::Function', Properties: { FunctionName, MemorySize: 256 } },
    });
    const [renders, ...rest] = listWork([stack], readFleet([stack], 'web'), demand).work;
    expect(rest).toEqual([]);
    expect(renders).toMatchObject({
      what,
      runsPerMonth: 912,
      scheduled: false,
      run: { invocations: 1 },
    });
    expect(renders?.run.gbSeconds).toBeCloseTo(1.5 * 0.25);
  });

  it('has a runbook a day, with the time that its sources wait, and the changes of alarms that start it', () => {
    const { work, unknown } = workOf({
      ...machineOf('holdfast-runbook', {
        StartAt: 'A',
        States: { A: { Type: 'Task', Resource: '<Live>', Next: 'B' }, B: { Type: 'Succeed' } },
      }),
      Alarm: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'holdfast-incidents-alarm', MemorySize: 256 } },
    });
    expect(work).toMatchObject([
      { what: 'runbooks', runsPerMonth: 30.4, scheduled: false, run: { transitions: 3, invocations: 1 } },
      { what: 'changes of alarms', runsPerMonth: 6 * 30.4, scheduled: false, run: { invocations: 1 } },
    ]);
    expect(work[0]?.run.gbSeconds).toBeCloseTo((0.5 + SOURCES.length * 15) * 0.25);
    expect(unknown).toEqual([]);
  });

  it('names the checks of open incidents by their function', () => {
    const { work } = workOf({
      ...rule('rate(5 minutes)', 'Tend'),
      Tend: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'holdfast-incidents-tend', MemorySize: 256 } },
    });
    expect(work).toMatchObject([{ what: 'checks of open incidents', runsPerMonth: 8_755.2, scheduled: true }]);
  });

  it('reports a state machine whose number of runs is unknown', () => {
    expect(workOf(machineOf('holdfast-web-new', LOOPING)).unknown).toEqual([
      'how often holdfast-web-new runs',
      'how often holdfast-web-new repeats the loop at "Done?"',
    ]);
  });

  it('counts the runs of a scheduled state machine', () => {
    const { work } = workOf({ ...machineOf('holdfast-web-new', LOOPING), ...rule('rate(5 minutes)', 'Machine') });
    expect(work).toMatchObject([{ runsPerMonth: (30.4 * 1_440) / 5, scheduled: true, run: { transitions: 5 } }]);
  });

  it('counts the runs of a scheduled function', () => {
    const { work, unknown } = workOf(rule('rate(1 minute)', 'Live'));
    expect(work).toMatchObject([{ what: 'runs of Live', runsPerMonth: 43_776, run: { invocations: 1, gbSeconds: 0.125 } }]);
    expect(unknown).toEqual([]);
  });

  it('reports a schedule that it cannot read', () => {
    expect(workOf(rule('cron(0 3 * * ? *)', 'Live')).unknown).toEqual(['how often the schedule "cron(0 3 * * ? *)" runs']);
  });
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
