import { beforeAll, describe, expect, it } from 'vitest';
import { synthesizedDefinitions } from './definitions.ts';
import { DIFFERENCES } from './differences.ts';
import type { AnyDefinition } from './inventory.ts';
import { readsOf } from './paths.ts';
import { TABLE } from './table.ts';

/** What each machine's input has: an event of Auto Scaling, or what the deploy gives to the machine that rolls a target. */
const EVENT = ['$.detail.AutoScalingGroupName', '$.detail.LifecycleHookName', '$.detail.LifecycleActionToken', '$.detail.EC2InstanceId'];
/** The termination passes the event on whole: it has a place of origin for servers of a warm pool alone. */
const GIVEN: Readonly<Record<string, readonly string[]>> = {
  'holdfast-web-launch': EVENT,
  'holdfast-web-terminate': [...EVENT, '$.detail'],
  'holdfast-web-roll-target': ['$.deploy', '$.lease', '$.step', '$.step.roll'],
};

const task = (more: object) => ({ Type: 'Task', Resource: 'arn', ...more });
const fail = { Type: 'Fail', ErrorPath: '$.error.Error' };
const machine = (States: Record<string, object>): AnyDefinition => ({
  StartAt: Object.keys(States)[0] as string,
  States: States as AnyDefinition['States'],
});
const found = (States: Record<string, object>) =>
  readsOf(machine(States)).map(({ state, path, within }) => `${state}: ${path} in ${within}`);

describe('the search for paths that may lead nowhere', () => {
  it('finds one that only some ways to the state write', () => {
    const Catch = [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Failed' }];
    expect(found({ One: task({ ResultPath: '$.a', Catch, Next: 'Failed' }), Failed: fail })).toEqual(['Failed: $.error.Error in $']);
    expect(found({ One: task({ ResultPath: '$.a', Catch, Next: 'Done' }), Failed: fail, Done: { Type: 'Succeed' } })).toEqual([]);
  });

  it('finds one that a result replaced', () => {
    const read = task({ Parameters: { 'a.$': '$.kept' }, End: true });
    const put = { Type: 'Pass', Parameters: { kept: 1 }, Next: 'Two' };
    expect(found({ One: put, Two: task({ ResultPath: '$.b', Next: 'Three' }), Three: read })).toEqual([]);
    expect(found({ One: put, Two: task({ Next: 'Three' }), Three: read })).toEqual(['Three: $.kept in $']);
  });

  it('finds a variable that is compared before anything says that it is there', () => {
    const is = (Variable: string) => ({ Variable, StringEquals: 'x' });
    const there = { Variable: '$.a', IsPresent: true };
    const rule = (parts: object) => ({
      One: { Type: 'Choice', Choices: [{ ...parts, Next: 'Two' }], Default: 'Two' },
      Two: { Type: 'Succeed' },
    });
    expect(found(rule({ And: [there, is('$.a')] }))).toEqual([]);
    expect(found(rule({ And: [is('$.a'), there] }))).toEqual(['One: $.a in $']);
    expect(found(rule({ Or: [{ Not: there }, is('$.a')] }))).toEqual([]);
    expect(found(rule({ Or: [there, is('$.a')] }))).toEqual(['One: $.a in $']);
  });

  it('goes into items and branches', () => {
    const inside = machine({ In: task({ Parameters: { 'a.$': '$.item', 'b.$': '$.outer' }, End: true }) });
    expect(found({ One: { Type: 'Map', ItemProcessor: inside, ItemSelector: { 'item.$': '$$.Map.Item.Value' }, End: true } })).toEqual([
      'One/In: $.outer in $',
    ]);
    expect(
      found({ One: { Type: 'Pass', Result: { item: 1 }, Next: 'Two' }, Two: { Type: 'Parallel', Branches: [inside], End: true } }),
    ).toEqual(['Two/In: $.outer in $']);
  });
});

describe('no definition depends on an open difference:', () => {
  let definitions: ReadonlyMap<string, AnyDefinition>;
  beforeAll(async () => {
    definitions = await synthesizedDefinitions();
  });

  /** Rows that differ somewhere, and what shows that nothing here depends on them. */
  const SHOWN: Readonly<Record<string, () => void>> = {
    'missing-path-not-caught': everyPathIsWritten,
    'missing-variable': everyPathIsWritten,
  };

  it('each has its proof here', () => {
    const open = [...new Set(DIFFERENCES.map(({ row }) => row))];
    expect(open.filter((row) => SHOWN[row] === undefined)).toEqual([]);
    expect(Object.keys(SHOWN).filter((row) => !open.includes(row))).toEqual([]);
    expect(open.filter((row) => !TABLE.some(({ name }) => name === row))).toEqual([]);
  });

  it.each(Object.entries(SHOWN))('%s', (_, shown) => shown());

  /** What is read below the result of a task is a field of a function's reply, or of a child's description. */
  function everyPathIsWritten(): void {
    expect(definitions.size).toBeGreaterThan(6);
    for (const [name, definition] of definitions) {
      const reads = readsOf(definition, GIVEN[name]);
      expect(reads.length, name).toBeGreaterThan(0);
      expect(
        reads.filter(({ within }) => within === '$'),
        name,
      ).toEqual([]);
    }
  }
});
