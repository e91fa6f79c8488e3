import { describe, expect, it } from 'vitest';
import { type Definition, readProcedure, type State } from '../../../cli/cost/walk-machine.ts';
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

  it('ends where a definition names a state that it does not have', () => {
    expect(readProcedure(definition({ A: { Type: 'Pass', Next: 'Nowhere' } })).states).toEqual(['A', 'Nowhere']);
  });
});
