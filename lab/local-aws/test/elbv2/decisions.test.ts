import { describe, expect, it } from 'vitest';
import { chooseGroup, chooseTarget, eligibleTargets } from '../../elbv2/data-plane/choose-target.ts';
import { traceId } from '../../elbv2/data-plane/forwarded-headers.ts';
import { type CheckResult, judgeHealth, matches } from '../../elbv2/data-plane/judge-health.ts';
import { createCookieSeal } from '../../elbv2/data-plane/sticky-cookies.ts';
import { targetState } from '../../elbv2/data-plane/target-state.ts';
import { type HealthRecord, type Target, UNCHECKED } from '../../elbv2/resources.ts';

const check = { matcher: '200', healthyThreshold: 3, unhealthyThreshold: 2 };
const ok: CheckResult = { kind: 'answered', status: 200 };
const bad: CheckResult = { kind: 'answered', status: 503 };
const after = (start: HealthRecord, ...results: CheckResult[]): HealthRecord =>
  results.reduce((record, result) => judgeHealth(record, result, check), start);
const HEALTHY = after(UNCHECKED, ok);
const UNHEALTHY = after(UNCHECKED, bad, bad);

// ELB user guide, target-group-health-checks.
describe('judgeHealth', () => {
  it.each<[string, HealthRecord, CheckResult[], string, string | undefined]>([
    ['a new target needs one passed check', UNCHECKED, [ok], 'healthy', undefined],
    ['a new target needs one passed check even after a failed one', UNCHECKED, [bad, ok], 'healthy', undefined],
    ['a new target stays initial below the threshold', UNCHECKED, [bad], 'initial', undefined],
    ['failures in a row make it unhealthy', UNCHECKED, [bad, bad], 'unhealthy', 'Target.ResponseCodeMismatch'],
    ['one failure does not make a healthy target unhealthy', HEALTHY, [bad], 'healthy', undefined],
    ['a pass starts the count of failures anew', HEALTHY, [bad, ok, bad], 'healthy', undefined],
    ['an unhealthy target needs the threshold of passes', UNHEALTHY, [ok, ok], 'unhealthy', 'Target.ResponseCodeMismatch'],
    ['an unhealthy target recovers at the threshold', UNHEALTHY, [ok, ok, ok], 'healthy', undefined],
    ['a failure starts the count of passes anew', UNHEALTHY, [ok, ok, bad, ok, ok], 'unhealthy', 'Target.ResponseCodeMismatch'],
    ['a time-out has its own reason', UNCHECKED, [bad, { kind: 'timedOut' }], 'unhealthy', 'Target.Timeout'],
    ['a broken connection has its own reason', UNCHECKED, [bad, { kind: 'failed' }], 'unhealthy', 'Target.FailedHealthChecks'],
  ])('%s', (_, start, results, state, reason) => {
    expect(after(start, ...results)).toMatchObject({ state, ...(reason === undefined ? {} : { reason }) });
  });

  it.each([
    ['200', 200, true],
    ['200', 201, false],
    ['200,302', 302, true],
    ['200-299', 250, true],
    ['200-299,404', 404, true],
    ['200-299', 300, false],
  ])('matcher %s takes %i: %s', (matcher, status, expected) => {
    expect(matches(matcher, status)).toBe(expected);
  });
});

describe('targetState', () => {
  const usual = { inUse: true, healthCheckEnabled: true };
  // ELB API reference, TargetHealth.
  it.each<[string, Partial<Target>, Partial<typeof usual>, object]>([
    ['initial before the first check', {}, {}, { State: 'initial', Reason: 'Elb.RegistrationInProgress' }],
    ['initial while checks go on', { health: after(UNCHECKED, bad) }, {}, { State: 'initial', Reason: 'Elb.InitialHealthChecking' }],
    ['healthy', { health: HEALTHY }, {}, { State: 'healthy' }],
    ['unhealthy', { health: UNHEALTHY }, {}, { State: 'unhealthy', Description: 'Health checks failed with these codes: [503]' }],
    ['unused in a group that no rule names', { health: HEALTHY }, { inUse: false }, { State: 'unused', Reason: 'Target.NotInUse' }],
    ['unused when there is no such machine', { running: false }, {}, { State: 'unused', Reason: 'Target.InvalidState' }],
    [
      'draining until the delay has passed',
      { draining: { untilMs: 101, routableUntilMs: 0 } },
      {},
      { State: 'draining', Reason: 'Target.DeregistrationInProgress' },
    ],
    [
      'unused once the delay has passed',
      { draining: { untilMs: 100, routableUntilMs: 0 } },
      {},
      { State: 'unused', Reason: 'Target.NotRegistered' },
    ],
  ])('is %s', (_, target, group, expected) => {
    expect(targetState({ health: UNCHECKED, running: true, ...target }, { ...usual, ...group }, 100)).toMatchObject(expected);
  });
});

const target = (id: string, more: Partial<Target> = {}): Target => ({
  id,
  port: 80,
  health: HEALTHY,
  running: true,
  ...more,
});
const ids = (targets: readonly Target[]): string => targets.map(({ id }) => id).join();

describe('eligibleTargets', () => {
  const draining = (routableUntilMs: number): Partial<Target> => ({ draining: { untilMs: 1000, routableUntilMs } });
  it.each<[string, Target[], string]>([
    ['only healthy targets', [target('a'), target('b', { health: UNHEALTHY }), target('c', { health: UNCHECKED })], 'a'],
    ['all targets when none is healthy (fail-open)', [target('a', { health: UNHEALTHY }), target('b', { health: UNHEALTHY })], 'a,b'],
    ['no draining target', [target('a'), target('b', draining(100))], 'a'],
    ['a draining target until the change has spread', [target('a'), target('b', draining(101))], 'a,b'],
    ['no target whose machine is gone, not even to fail open', [target('a', { running: false })], ''],
  ])('are %s', (_, targets, expected) => {
    expect(ids(eligibleTargets(targets, 100))).toBe(expected);
  });
});

describe('chooseTarget', () => {
  const three = [target('a'), target('b'), target('c')];
  const busy: Record<string, number> = { a: 2, b: 1, c: 1 };
  const choose = (algorithm: 'round_robin' | 'least_outstanding_requests' | 'weighted_random', turn: number, chance = 0) =>
    chooseTarget(three, { algorithm, turn, chance, outstanding: ({ id }) => busy[id] ?? 0 })?.id;
  it.each([
    ['round_robin', 0, 'a'],
    ['round_robin', 4, 'b'],
    ['least_outstanding_requests', 0, 'b'],
    ['least_outstanding_requests', 2, 'c'],
  ] as const)('%s in turn %i takes %s', (algorithm, turn, expected) => {
    expect(choose(algorithm, turn)).toBe(expected);
  });
  it('weighted_random goes by chance', () => {
    expect(choose('weighted_random', 0, 0.99)).toBe('c');
  });
  it('returns nothing when there is no target', () => {
    expect(chooseTarget([], { algorithm: 'round_robin', turn: 3, chance: 0, outstanding: () => 0 })).toBeUndefined();
  });
});

it.each([
  [0, 'a'],
  [0.79, 'a'],
  [0.81, 'c'],
])('chooseGroup at chance %d takes %s, and never a group of weight 0', (chance, expected) => {
  const groups = [
    { arn: 'a', weight: 8 },
    { arn: 'b', weight: 0 },
    { arn: 'c', weight: 2 },
  ];
  expect(chooseGroup(groups, chance)).toBe(expected);
});

// ELB user guide, sticky-sessions: the cookies are encrypted.
describe('sticky cookies', () => {
  const seal = createCookieSeal();
  const binding = { kind: 'AWSALB', groupArn: 'arn:group', target: 'i-1:80', expiresAtMs: 1000 } as const;
  const value = seal.seal(binding);
  it('open to what was sealed', () => {
    expect(seal.open('AWSALB', value, 999)).toEqual(binding);
  });
  it('do not show the target, and differ with the key', () => {
    expect(Buffer.from(value, 'base64').toString('latin1')).not.toContain('i-1');
    expect(createCookieSeal().seal(binding)).not.toBe(value);
  });
  it.each<[string, Parameters<typeof seal.open>]>([
    ['expired', ['AWSALB', value, 1000]],
    ['of another kind', ['AWSALBTG', value, 0]],
    ['tampered with', ['AWSALB', `${value.startsWith('A') ? 'B' : 'A'}${value.slice(1)}`, 0]],
    ['missing', ['AWSALB', undefined, 0]],
    ['somebody else’s', ['AWSALB', createCookieSeal().seal(binding), 0]],
  ])('are ignored when %s', (_, args) => {
    expect(seal.open(...args)).toBeUndefined();
  });
});

// ELB user guide, load-balancer-request-tracing.
it.each([
  [undefined, /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/],
  ['Root=1-67891233-abcdef012345678912345678', /^Self=1-[0-9a-f]{8}-[0-9a-f]{24};Root=1-67891233-abcdef012345678912345678$/],
  ['Self=1-x;Root=1-67891233-abc;CalledFrom=app', /^Self=1-[0-9a-f-]+;Root=1-67891233-abc;CalledFrom=app$/],
  ['CalledFrom=app', /^Root=1-[0-9a-f-]+;CalledFrom=app$/],
])('a trace id %s becomes %s', (received, expected) => {
  expect(traceId(received, 1_700_000_000_000)).toMatch(expected);
});
