import { describe, expect, it } from 'vitest';
import { type Definition, readMachine } from '../../../cli/cost/read-machine.ts';
import { findResources } from '../../../cli/cost/template.ts';
import { functionOf, LOOPING, machineOf, stackOf } from './templates.ts';

function read(definition: Definition) {
  const [machine] = findResources(
    [stackOf('s', { ...functionOf('web'), ...machineOf('m', definition) })],
    'AWS::StepFunctions::StateMachine',
  );
  if (machine === undefined) throw new Error('there is no state machine');
  return readMachine(machine);
}
const states = (States: Definition['States']): Definition => ({ StartAt: 'A', States });

describe('a run that enters each state once', () => {
  it('has a transition for each state and for the start, and the calls of functions', () => {
    expect(read(LOOPING).once).toEqual({ transitions: 6, requests: 2, functionSeconds: 1, alarmReads: 0 });
  });

  it('counts calls by the name of a function, and no other service', () => {
    const { once } = read(
      states({
        A: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Next: 'B' },
        B: { Type: 'Task', Resource: 'arn:aws:states:::states:startExecution.sync:2' },
      }),
    );
    expect(once).toMatchObject({ transitions: 3, requests: 1 });
  });

  it('includes the states of a Map in the branch of a Parallel, and their loops', () => {
    const inner = { StartAt: 'Send', States: LOOPING.States };
    const each: Definition = { StartAt: 'Each', States: { Each: { Type: 'Map', ItemProcessor: inner } } };
    const { once, loops } = read(states({ A: { Type: 'Parallel', Branches: [each], Next: 'Z' }, Z: { Type: 'Succeed' } }));
    expect(once).toMatchObject({ transitions: 1 + 3 + 5, requests: 2 });
    expect(loops).toEqual(['Done?']);
  });
});

describe('a loop', () => {
  it('is a choice from which a run can come back to it', () => {
    expect(read(LOOPING).loops).toEqual(['Done?']);
  });

  it('is not a choice that only goes on or fails, nor one that leads into a loop', () => {
    const { loops } = read(
      states({
        A: { Type: 'Choice', Choices: [{ Next: 'No' }], Default: 'B' },
        B: { Type: 'Choice', Choices: [{ Next: 'End' }], Default: 'C' },
        C: { Type: 'Wait', Next: 'B' },
        No: { Type: 'Fail' },
        End: { Type: 'Succeed' },
      }),
    );
    expect(loops).toEqual(['B']);
  });

  it('can be inside of another one', () => {
    const { loops } = read(
      states({
        A: { Type: 'Task', Next: 'Inner' },
        Inner: { Type: 'Choice', Choices: [{ Next: 'Outer' }], Default: 'A' },
        Outer: { Type: 'Choice', Choices: [{ Next: 'End' }], Default: 'A' },
        End: { Type: 'Succeed' },
      }),
    );
    expect(loops).toEqual(['Inner', 'Outer']);
  });
});
