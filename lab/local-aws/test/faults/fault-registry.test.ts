import { describe, expect, it } from 'vitest';
import { createFaultRegistry, textsOf } from '../../faults/fault-registry.ts';
import { type FaultInput, faultRule } from '../../faults/fault-rule.ts';

const THROTTLED = { kind: 'error', code: 'ThrottlingException' } as const;
const CALL = {
  service: 'ssm',
  action: 'GetCommandInvocation',
  caller: 'arn:aws:sts::0:assumed-role/r/holdfast-web-deploy-command',
  texts: ['/', 'i-1'],
};

function registry(...rules: FaultInput[]) {
  let nowMs = 0;
  const logged: string[] = [];
  const faults = createFaultRegistry(
    () => nowMs,
    (line) => logged.push(line),
  );
  for (const rule of rules) faults.add(faultRule.parse(rule));
  return { faults, logged, pass: (ms: number) => (nowMs += ms) };
}
const hits = (faults: ReturnType<typeof registry>['faults'], times: number) =>
  Array.from({ length: times }, () => faults.ofCall(CALL) !== undefined);

describe('what a rule matches', () => {
  it.each<[string, object, boolean]>([
    ['the service alone', { service: 'ssm' }, true],
    ['another service', { service: 'sts' }, false],
    ['an action', { service: 'ssm', action: 'GetCommandInvocation' }, true],
    ['an action by its beginning', { service: 'ssm', action: 'Get*' }, true],
    ['a part of an action without a star', { service: 'ssm', action: 'Get' }, false],
    ['a caller by the end of its name', { service: 'ssm', caller: '*/holdfast-*-command' }, true],
    ['another caller', { service: 'ssm', caller: '*-assess' }, false],
    ['a text of the input', { service: 'ssm', resource: 'i-1' }, true],
    ['another text', { service: 'ssm', resource: 'i-2' }, false],
    ['a dot that is no wildcard', { service: 'ssm', resource: 'i.1' }, false],
  ])('%s', (_, match, expected) => {
    const { faults } = registry({ on: 'call', match: match as { service: string }, effect: THROTTLED });
    expect(faults.ofCall(CALL) !== undefined).toBe(expected);
    expect(faults.list()[0]).toMatchObject({ matched: expected ? 1 : 0, applied: expected ? 1 : 0 });
  });
});

describe('when a rule takes effect', () => {
  it.each<[string, object, boolean[]]>([
    ['always', {}, [true, true, true, true]],
    ['the first two', { first: 2 }, [true, true, false, false]],
    ['the third alone', { nth: 3 }, [false, false, true, false]],
    ['never, when the two exclude each other', { nth: 3, first: 2 }, [false, false, false, false]],
  ])('%s', (_, when, expected) => {
    const { faults } = registry({ on: 'call', match: { service: 'ssm' }, when, effect: THROTTLED });
    expect(hits(faults, 4)).toEqual(expected);
    expect(faults.list()[0]).toMatchObject({ matched: 4, applied: expected.filter(Boolean).length });
  });

  it('within its time from when it was set', () => {
    const { faults, pass } = registry({ on: 'call', match: { service: 'ssm' }, when: { forMs: 100 }, effect: THROTTLED });
    pass(99);
    expect(hits(faults, 1)).toEqual([true]);
    pass(1);
    expect(hits(faults, 1)).toEqual([false]);
  });

  it('meets a package on an instance, the first times', () => {
    const match = { instanceId: 'i-1', package: 'java-*' };
    const { faults } = registry({ on: 'packages', match, when: { first: 2 }, effect: { kind: 'lock' } });
    expect([faults.ofPackage('i-2', 'java-21'), faults.ofPackage('i-1', 'nodejs24')]).toEqual([undefined, undefined]);
    const met = ['java-21', 'java-21', 'java-21'].map((name) => faults.ofPackage('i-1', name)?.kind);
    expect(met).toEqual(['lock', 'lock', undefined]);
  });

  it('for half an hour at most, so that nothing stays broken for ever', () => {
    const { faults, pass } = registry({ on: 'agent', match: { instanceId: '*' }, effect: { kind: 'silence' } });
    pass(30 * 60_000 - 1);
    expect(faults.agentIsSilent('i-1')).toBe(true);
    pass(1);
    expect(faults.agentIsSilent('i-1')).toBe(false);
  });

  it('once for each thing that happens: of two rules that are due the first', () => {
    const { faults } = registry(
      { on: 'call', match: { service: 'ssm' }, when: { nth: 1 }, effect: { kind: 'loseAnswer' } },
      { on: 'call', match: { service: 'ssm' }, effect: THROTTLED },
    );
    expect([faults.ofCall(CALL)?.kind, faults.ofCall(CALL)?.kind]).toEqual(['loseAnswer', 'error']);
    expect(faults.list()).toMatchObject([
      { matched: 2, applied: 1 },
      { matched: 2, applied: 1 },
    ]);
  });
});

describe('the registry', () => {
  it('forgets a rule that is removed, and returns its report', () => {
    const { faults, logged } = registry({ on: 'call', match: { service: 'ssm' }, effect: THROTTLED });
    expect(faults.concerns('ssm')).toBe(true);
    expect(faults.concerns('s3')).toBe(false);
    hits(faults, 2);
    expect(faults.remove('fault-1')).toMatchObject({ id: 'fault-1', matched: 2, applied: 2 });
    expect(faults.remove('fault-1')).toBeUndefined();
    expect(hits(faults, 1)).toEqual([false]);
    expect(logged).toHaveLength(2);
    expect(logged[0]).toContain('error for ssm:GetCommandInvocation');
  });

  it('is empty after a reset, and is bounded', () => {
    const { faults } = registry();
    const rule = faultRule.parse({ on: 'propagation', effect: { kind: 'lag', ms: 3_000 } });
    for (let count = 0; count < 100; count += 1) faults.add(rule);
    expect(() => faults.add(rule)).toThrow('100 faults are set');
    expect(faults.propagationLagMs()).toBe(3_000);
    expect(faults.reset()).toHaveLength(100);
    expect(faults.propagationLagMs()).toBeUndefined();
  });
});

describe('a rule that is none', () => {
  it.each<[string, unknown]>([
    ['an unknown kind', { on: 'disk', match: {}, effect: { kind: 'error' } }],
    ['an effect of another kind', { on: 'event', match: { source: 'aws.ssm' }, effect: { kind: 'error', code: 'X' } }],
    ['a member that is misspelt', { on: 'call', match: { service: 'ssm', actoin: 'X' }, effect: THROTTLED }],
    ['a status of success', { on: 'call', match: { service: 'ssm' }, effect: { ...THROTTLED, status: 200 } }],
    ['counting for an agent', { on: 'agent', match: { instanceId: 'i-1' }, when: { first: 2 }, effect: { kind: 'silence' } }],
    ['a delay of hours', { on: 'call', match: { service: 'ssm' }, effect: { kind: 'delay', ms: 3_600_000 } }],
  ])('is refused: %s', (_, rule) => {
    expect(faultRule.safeParse(rule).success).toBe(false);
  });
});

describe('textsOf', () => {
  it('returns every text of a value, without the names of its members', () => {
    expect(textsOf({ a: 'x', b: ['y', { c: 'z' }], d: 1, e: null })).toEqual(['x', 'y', 'z']);
  });
});

describe('a fault of a creation', () => {
  it.each<[string, object, boolean]>([
    ['any', {}, true],
    ['by the type', { type: 'AWS::SQS::*' }, true],
    ['by the logical id', { logicalId: 'Queue' }, true],
    ['by the stack', { stack: 'holdfast-releases' }, true],
    ['of another stack', { stack: 'holdfast-network', logicalId: 'Queue' }, false],
  ])('%s', (_, match, expected) => {
    const { faults } = registry({ on: 'creation', match, effect: { kind: 'error' } });
    const effect = faults.ofCreation({ stack: 'holdfast-releases', type: 'AWS::SQS::Queue', logicalId: 'Queue' });
    expect(effect).toEqual(expected ? { kind: 'error', message: 'a fault of this test' } : undefined);
    expect([faults.concernsCreations(), registry().faults.concernsCreations()]).toEqual([true, false]);
  });
});
