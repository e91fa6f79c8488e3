/** How one target is rolled: the definition of the child that a deploy starts for it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Definition, definitionOf, walk } from './state-machine-definition.ts';
import { AWS_CONFIG, SynthesizedApp } from './synthesized.ts';

let app: SynthesizedApp;
let machine: Definition;

beforeAll(async () => {
  app = await SynthesizedApp.create(AWS_CONFIG);
  const found = app
    .resources('AWS::StepFunctions::StateMachine')
    .find(({ Properties }) => Properties['StateMachineName'] === 'holdfast-web-roll-target');
  if (!found) throw new Error('there is no state machine of one target');
  machine = definitionOf(found);
});
afterAll(() => app?.remove());

describe('one target', () => {
  it('is prepared, drained, changed, judged, put back and watched, in this order', () => {
    const everything = { 'Is it prepared?': ['Prepare'], 'Is a cookie read?': ['Session cookie'] };
    const steps = walk(machine, everything).filter((id) => !/(: (wait|check|done)\??|[a-z]\?)$/.test(id));
    expect(steps.join()).toBe('Prepare,Deregister,Drain,Install,Readiness,Session cookie,Register,Wait healthy,Bake,Target done');
  });

  it('calls no function to prepare a server that is prepared, nor for a cookie that nothing reads', () => {
    const steps = walk(machine);
    expect(steps.slice(0, 2)).toEqual(['Is it prepared?', 'Deregister']);
    expect(steps.slice(steps.indexOf('Is a cookie read?')).slice(0, 2)).toEqual(['Is a cookie read?', 'Register']);
    const branches = ['Is it prepared?', 'Is a cookie read?'].map((id) => [machine.States[id]?.Choices, machine.States[id]?.Default]);
    expect(branches).toEqual([
      [[{ Variable: '$.step.roll.isPrepared', IsPresent: true, Next: 'Deregister' }], 'Prepare'],
      [[{ Not: { Variable: '$.step.roll.cookie', IsPresent: true }, Next: 'Register' }], 'Session cookie'],
    ]);
  });

  it('is put back after any failure, and the failure still ends the execution', () => {
    const { States } = machine;
    for (const [id, { Catch = [] }] of Object.entries(machine.States).filter(([, { Type }]) => Type === 'Task')) {
      expect(
        Catch.map(({ Next }) => Next),
        id,
      ).toEqual([id === 'Put back' ? 'Target failed' : id === 'Bake' || id === 'Bake: check' ? 'Was it the store?' : 'Put back']);
    }
    expect(States['Was it the store?']?.Default).toBe('Put back');
    expect(States['Put back']?.Next).toBe('Put back: done?');
    expect(walk({ StartAt: 'Put back', States })).toEqual(['Put back', 'Put back: done?', 'Target failed']);
  });

  it('bakes again when the store failed over meanwhile, waits while it is unavailable, and is put back otherwise', () => {
    const { States } = machine;
    expect(walk({ StartAt: 'Compare store', States }, { 'Bake again?': ['Bake again'] }).slice(0, 4)).toEqual([
      'Compare store',
      'Bake again?',
      'Bake again',
      'Bake',
    ]);
    expect(walk({ StartAt: 'Compare store', States }, { 'Bake again?': ['Wait for store', 'Put back'] })).toEqual([
      'Compare store',
      'Bake again?',
      'Wait for store',
      'Compare store',
      'Bake again?',
      'Put back',
      'Put back: done?',
      'Target failed',
    ]);
  });
});
