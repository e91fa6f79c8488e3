import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../cli/doctor/diagnose.ts';
import { andThen, type Lookups, lookUp, NotFound, SKIPPED } from '../../../cli/doctor/lookup.ts';
import { healthy, knownAs, subjectOf } from './healthy-fleet.ts';

const about = {
  what: 'target group web',
  resource: 'web',
  action: 'elasticloadbalancing:DescribeTargetGroups',
  named: false,
  absentOn: ['TargetGroupNotFoundException'],
};
const thrown = (name: string, more: object = {}) => Object.assign(new Error('as AWS says it\nand more'), { name, ...more });
const failing = (error: unknown) => lookUp(about, () => Promise.reject(error));

describe('a lookup', () => {
  it('returns the value', async () => {
    expect(await lookUp(about, async () => 7)).toEqual(knownAs(7));
  });

  it.each([
    ['TargetGroupNotFoundException', thrown('TargetGroupNotFoundException')],
    ['an empty result', new NotFound()],
  ])('takes %s as "it does not exist"', async (_, error) => {
    expect(await failing(error)).toEqual({ state: 'absent', subject: about });
  });

  it.each([
    [
      'a missing permission',
      thrown('AccessDenied'),
      'the credentials do not allow elasticloadbalancing:DescribeTargetGroups',
      /^allow elasticloadbalancing/,
    ],
    [
      'a missing permission without a name',
      thrown('Forbidden', { $metadata: { httpStatusCode: 403 } }),
      'the credentials do not allow elasticloadbalancing:DescribeTargetGroups',
      /^allow/,
    ],
    [
      'credentials that AWS does not accept',
      thrown('InvalidClientTokenId', { $metadata: { httpStatusCode: 403 } }),
      'AWS does not accept the current credentials (as AWS says it)',
      /^sign in/,
    ],
    [
      'throttling',
      thrown('Throttling'),
      'AWS did not respond to elasticloadbalancing:DescribeTargetGroups (as AWS says it)',
      /again in a minute/,
    ],
    [
      'a broken connection',
      thrown('Error', { code: 'ECONNRESET' }),
      'AWS did not respond to elasticloadbalancing:DescribeTargetGroups (as AWS says it)',
      /again/,
    ],
    [
      'an unknown operation',
      thrown('InvalidAction'),
      'AWS refused elasticloadbalancing:DescribeTargetGroups (InvalidAction: as AWS says it)',
      /by hand/,
    ],
    ['a value that is not an error', 'text', 'AWS refused elasticloadbalancing:DescribeTargetGroups (Error: text)', /by hand/],
  ])('is unknown after %s, and suggests what to do', async (_, error, reason, fix) => {
    expect(await failing(error)).toEqual({
      state: 'unknown',
      cause: expect.any(String),
      subject: about,
      reason,
      fix: expect.stringMatching(fix),
    });
  });

  it('ends at its time limit', async () => {
    const result = await lookUp(about, () => sleep(60_000, 'late', { ref: false }), 20);
    expect(result).toMatchObject({ state: 'unknown', reason: expect.stringContaining('no answer within 0.02 s') });
  });

  it('is skipped when the lookup that it needs did not succeed', async () => {
    expect(await andThen(await failing(thrown('AccessDenied')), async () => knownAs(1))).toBe(SKIPPED);
  });
});

const lines = (facts: Partial<Lookups>) =>
  diagnose({ ...healthy, ...facts }, subjectOf())
    .filter(({ check }) => check === 'could-not-read' || check === 'existence')
    .map(({ severity, what, fix }) => [severity, what, fix]);

describe('a resource without a value', () => {
  it('is unknown when it could not be read, with the missing permission', async () => {
    const action = 'elasticloadbalancing:DescribeTargetGroups';
    expect(lines({ attributes: await failing(thrown('AccessDenied')) })).toEqual([
      [
        'unknown',
        `could not read target group web: the credentials do not allow ${action}`,
        `allow ${action} for the identity that runs doctor`,
      ],
    ]);
  });

  it('is one notice before anything is deployed', async () => {
    const absent = await failing(new NotFound());
    expect(lines({ targetGroup: absent, fleetRecord: absent, lock: absent })).toEqual([
      ['notice', 'target group web does not exist yet', 'run "npx --no cdk deploy --all"'],
    ]);
  });

  it('is one notice next to a target group that is older than the installation', async () => {
    const absent = await failing(new NotFound());
    expect(lines({ fleetRecord: absent, lock: absent, baseline: absent })).toEqual([
      ['notice', 'target group web does not exist yet', 'run "npx --no cdk deploy --all"'],
    ]);
  });

  it('is a warning when other parts of the installation exist', async () => {
    expect(lines({ group: await failing(new NotFound()) })).toEqual([
      ['warning', 'target group web is missing, although other parts of the installation exist', 'run "npx --no cdk deploy --all"'],
    ]);
  });

  it('is an error when the configuration names it as existing', async () => {
    const gone = await lookUp({ ...about, named: true }, () => Promise.reject(new NotFound()));
    expect(lines({ targetGroup: gone })).toEqual([
      ['error', 'target group web does not exist in this account and Region', 'correct its name, account or Region'],
    ]);
  });

  it('has no findings of the checks that need it', async () => {
    const denied = await failing(thrown('AccessDenied'));
    const everything = Object.fromEntries(
      Object.entries(healthy).map(([name, fact]) => [
        name,
        typeof fact === 'object' && 'state' in fact ? denied : Array.isArray(fact) ? [] : fact,
      ]),
    ) as unknown as typeof healthy;
    const findings = diagnose(everything, subjectOf());
    expect(new Set(findings.map(({ check }) => check))).toEqual(new Set(['could-not-read']));
  });
});
