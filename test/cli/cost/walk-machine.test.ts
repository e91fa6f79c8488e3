import { describe, expect, it } from 'vitest';
import { type Definition, readProcedure, type State, unfold } from '../../../cli/cost/walk-machine.ts';
import { LOOPING } from './templates.ts';

const definition = (States: Record<string, State>): Definition => ({ StartAt: 'A', States });
const end: State = { Type: 'Succeed' };

describe('the procedure of a state machine', () => {
  it('has the states from the start to the success, with no loop repeated', () => {
    expect(readProcedure(LOOPING).states).toEqual(['Send', 'Observation', 'Done?', 'End']);
  });

  it('has the states of one more round of each loop', () => {
    expect(readProcedure(LOOPING).loops).toEqual([
      { choice: 'Done?', verdict: 'REPEAT', states: ['Send', 'Observation', 'Done?'] },
      { choice: 'Done?', verdict: 'otherwise', states: ['Wait', 'Observation', 'Done?'] },
    ]);
  });

  it('leaves a loop by its default when that is the way on', () => {
    const { states, loops } = readProcedure(
      definition({
        A: { Type: 'Choice', Choices: [{ StringEquals: 'REPEAT', Next: 'B' }], Default: 'C' },
        B: { Type: 'Task', Next: 'A' },
        C: end,
      }),
    );
    expect(states).toEqual(['A', 'C']);
    expect(loops).toEqual([{ choice: 'A', verdict: 'REPEAT', states: ['B', 'A'] }]);
  });

  it('ignores a branch that only fails', () => {
    const { states, loops } = readProcedure(
      definition({
        A: { Type: 'Choice', Choices: [{ StringEquals: 'BAD', Next: 'No' }], Default: 'B' },
        B: { Type: 'Pass', End: true },
        No: { Type: 'Fail' },
      }),
    );
    expect([states, loops]).toEqual([['A', 'B'], []]);
  });

  it('counts an inner loop once in a round of the outer one', () => {
    const { loops } = readProcedure(
      definition({
        A: { Type: 'Task', Next: 'Inner' },
        Inner: { Type: 'Choice', Choices: [{ StringEquals: 'DONE', Next: 'Outer' }], Default: 'A' },
        Outer: { Type: 'Choice', Choices: [{ StringEquals: 'DONE', Next: 'End' }], Default: 'A' },
        End: end,
      }),
    );
    expect(loops.map(({ choice, states }) => [choice, states])).toEqual([
      ['Inner', ['A', 'Inner']],
      ['Outer', ['A', 'Inner', 'Outer']],
    ]);
  });

  it('has the branches of a Parallel one after the other, without what catches their errors', () => {
    const branch = (name: string): Definition => ({
      StartAt: name,
      States: { [name]: { Type: 'Task', End: true }, [`Gap of ${name}`]: { Type: 'Pass', End: true } },
    });
    const unfolded = unfold(definition({ A: { Type: 'Parallel', Branches: [branch('B'), branch('C')], Next: 'D' }, D: end }));
    expect(readProcedure(unfolded)).toEqual({ states: ['A', 'B', 'C', 'D'], loops: [] });
  });

  it('has the states of a Map once, and their loops, also where the Map is in a Parallel and ends it', () => {
    const inner = { StartAt: 'Send', States: LOOPING.States };
    const each: Definition = { StartAt: 'Each', States: { Each: { Type: 'Map', ItemProcessor: inner, End: true } } };
    const unfolded = unfold(definition({ A: { Type: 'Parallel', Branches: [each], Next: 'Z' }, Z: end }));
    const { states, loops } = readProcedure(unfolded);
    expect(states).toEqual(['A', 'Each', 'Send', 'Observation', 'Done?', 'End', 'Z']);
    expect(loops.map(({ choice, verdict }) => [choice, verdict])).toEqual([
      ['Done?', 'REPEAT'],
      ['Done?', 'otherwise'],
    ]);
  });

  it('ends where a definition names a state that it does not have', () => {
    expect(readProcedure(definition({ A: { Type: 'Pass', Next: 'Nowhere' } })).states).toEqual(['A', 'Nowhere']);
  });
});
