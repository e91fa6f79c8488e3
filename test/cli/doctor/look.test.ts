import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../cli/doctor/diagnose.ts';
import type { Facts } from '../../../cli/doctor/facts.ts';
import { follow, look, NotThere, SKIPPED } from '../../../cli/doctor/look.ts';
import { healthy, seenAs, subjectOf } from './healthy-fleet.ts';

const about = {
  what: 'target group web',
  resource: 'web',
  action: 'elasticloadbalancing:DescribeTargetGroups',
  named: false,
  absentOn: ['TargetGroupNotFoundException'],
};
const thrown = (name: string, more: object = {}) => Object.assign(new Error('as AWS says it\nand more'), { name, ...more });
const failing = (error: unknown) => look(about, () => Promise.reject(error));

describe('a look', () => {
  it('gives what was seen', async () => {
    expect(await look(about, async () => 7)).toEqual(seenAs(7));
  });

  it.each([
    ['TargetGroupNotFoundException', thrown('TargetGroupNotFoundException')],
    ['a reply that names nothing', new NotThere()],
  ])('takes %s as "it is not there"', async (_, error) => {
    expect(await failing(error)).toEqual({ state: 'absent', subject: about });
  });

  it.each([
    [
      'a missing permission',
      thrown('AccessDenied'),
      'the credentials in use may not: it needs action elasticloadbalancing:DescribeTargetGroups',
      /^allow elasticloadbalancing/,
    ],
    [
      'a missing permission without a name',
      thrown('Forbidden', { $metadata: { httpStatusCode: 403 } }),
      'the credentials in use may not: it needs action elasticloadbalancing:DescribeTargetGroups',
      /^allow/,
    ],
    [
      'throttling',
      thrown('Throttling'),
      'AWS did not answer elasticloadbalancing:DescribeTargetGroups (as AWS says it)',
      /again in a minute/,
    ],
    [
      'a broken connection',
      thrown('Error', { code: 'ECONNRESET' }),
      'AWS did not answer elasticloadbalancing:DescribeTargetGroups (as AWS says it)',
      /again/,
    ],
    [
      'an operation that nobody has',
      thrown('InvalidAction'),
      'elasticloadbalancing:DescribeTargetGroups was refused (InvalidAction: as AWS says it)',
      /by hand/,
    ],
    ['something that is no error', 'text', 'elasticloadbalancing:DescribeTargetGroups was refused (Error: text)', /by hand/],
  ])('is blind by %s, and says what to do', async (_, error, reason, mend) => {
    expect(await failing(error)).toEqual({
      state: 'blind',
      cause: expect.any(String),
      subject: about,
      reason,
      mend: expect.stringMatching(mend),
    });
  });

  it('ends in time, whatever it waits for', async () => {
    const seen = await look(about, () => sleep(60_000, 'late', { ref: false }), 20);
    expect(seen).toMatchObject({ state: 'blind', reason: expect.stringContaining('no answer within 0.02 s') });
  });

  it('is not taken when what leads to it was not seen', async () => {
    expect(await follow(await failing(thrown('AccessDenied')), async () => seenAs(1))).toBe(SKIPPED);
  });
});

const lines = (facts: Partial<Facts>) =>
  diagnose({ ...healthy, ...facts }, subjectOf())
    .filter(({ check }) => check === 'could-not-look' || check === 'existence')
    .map(({ severity, what, mend }) => [severity, what, mend]);

describe('what was not seen', () => {
  it('is unknown when it could not be looked at, with the action that is missing', async () => {
    const action = 'elasticloadbalancing:DescribeTargetGroups';
    expect(lines({ attributes: await failing(thrown('AccessDenied')) })).toEqual([
      [
        'unknown',
        `could not look at target group web: the credentials in use may not: it needs action ${action}`,
        `allow ${action} to whoever runs doctor`,
      ],
    ]);
  });

  it('is a notice before anything is deployed, once, and cdk deploy the next step', async () => {
    const absent = await failing(new NotThere());
    expect(lines({ targetGroup: absent, fleetRecord: absent, lock: absent })).toEqual([
      ['notice', 'target group web is not there yet', 'next step: "npx cdk deploy --all"'],
    ]);
  });

  it('is a warning when other parts of the installation are there', async () => {
    expect(lines({ group: await failing(new NotThere()) })).toEqual([
      ['warning', 'target group web is missing, although other parts of the installation are there', 'run "npx cdk deploy --all"'],
    ]);
  });

  it('is an error when the configuration names it', async () => {
    const gone = await look({ ...about, named: true }, () => Promise.reject(new NotThere()));
    expect(lines({ targetGroup: gone })).toEqual([
      ['error', 'target group web does not exist in this account and Region', 'correct its name, account or Region'],
    ]);
  });

  it('leaves no check that needs it behind', async () => {
    const blind = await failing(thrown('AccessDenied'));
    const everything = Object.fromEntries(
      Object.entries(healthy).map(([name, fact]) => [
        name,
        typeof fact === 'object' && 'state' in fact ? blind : Array.isArray(fact) ? [] : fact,
      ]),
    ) as unknown as Facts;
    const findings = diagnose(everything, subjectOf());
    expect(new Set(findings.map(({ check }) => check))).toEqual(new Set(['could-not-look']));
  });
});
