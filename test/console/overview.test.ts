import { beforeEach, describe, expect, it } from 'vitest';
import { readAttention } from '../../cli/installation/attention/attention-words.ts';
import type { DeployView } from '../../console/deploys.ts';
import { nextSteps, type Situation } from '../../console/next-steps.ts';
import { readOverview, serverRows, serversWords } from '../../console/overview.ts';
import { phaseWords } from '../../functions/records/outcome-text.ts';
import { isNotRolledBack } from '../../functions/records/touched-targets.ts';
import type { TargetProgress } from '../../functions/records/types.ts';
import { nextVersion } from '../../lab/demo/views/cloud-page.ts';
import { createFakeBackend, type FakeBackend, furnish } from './fake-backend.ts';

const NOW = Date.parse('2026-11-26T12:00:00Z');
const installed = (...versions: string[]) =>
  versions.map((version, index) => ({ instanceId: `i-${index + 1}`, version, installedAtMs: NOW }));

describe('the servers in words', () => {
  it.each<[string, readonly string[], string | undefined]>([
    ['no server has a release yet', [], '1.1.0'],
    ['all 3 servers have 1.1.0', ['1.1.0', '1.1.0', '1.1.0'], '1.1.0'],
    ['the only server has 1.1.0', ['1.1.0'], '1.1.0'],
    ['2 of 3 servers have 1.1.0; i-1 has 1.0.0', ['1.0.0', '1.1.0', '1.1.0'], '1.1.0'],
    ['0 of 5 servers have 1.1.0; i-1 has 1, i-2 has 2, i-3 has 3, 2 more differ', ['1', '2', '3', '4', '5'], '1.1.0'],
    ['2 servers, and no current release', ['none', 'none'], undefined],
  ])('%s', (words, versions, release) => expect(serversWords(serverRows(installed(...versions), release), release)).toBe(words));
});

describe('what to do next', () => {
  const calm: Situation = {
    attention: { alarms: [], incidents: [] },
    ...{ release: '1.1.0', published: '1.2.0', latest: undefined, mixed: undefined, options: '--fleet web' },
  };
  const latest = (more: Partial<DeployView>) =>
    ({ deployId: 'd1', release: '1.0.0 → 1.1.0', status: 'SUCCEEDED', isLeftMixed: false, ...more }) as DeployView;
  const alarm = { name: 'holdfast-web-deploy-failed', state: 'ALARM', sinceMs: NOW, reason: '', severity: 'high' } as const;
  const firing = { ...alarm, sentence: 'a deploy failed', runbook: 'docs/runbook/deploys.md#deploy-failed' };
  const incident = { incidentId: 'inc-1', runbook: 'store-failure', about: 'the session store', state: 'open', finding: 'store-down' };
  const open = { ...incident, open: true, dryRun: false, openedAtMs: NOW, duration: '1 m' };

  it.each<[string, Partial<Situation>, readonly (readonly [RegExp, string | undefined])[]]>([
    ['is nothing in a healthy fleet', { latest: latest({}) }, []],
    [
      'is a publication before anything is published',
      { release: undefined, published: undefined },
      [[/^No release is published/, './holdfast releases publish 1.0.0 PATH --fleet web']],
    ],
    [
      'is the first deploy of what is published',
      { release: undefined },
      [[/^No release serves yet\. Deploy 1\.2\.0\.$/, './holdfast deploy 1.2.0 --fleet web']],
    ],
    [
      'is to follow a deploy',
      { latest: latest({ status: 'RUNNING' }), mixed: '1 of 3 servers have 1.1.0' },
      [[/under way/, '#/deploys/d1']],
    ],
    [
      'is to decide about a deploy that waits',
      { latest: latest({ status: 'RUNNING', waiting: { words: 'waits', untilMs: NOW } }) },
      [[/continue or reject/, '#/deploys/d1']],
    ],
    ['is to read the warnings', { latest: latest({ warnings: ['one'] }) }, [[/succeeded with warnings/, '#/deploys/d1']]],
    [
      'is one step for a deploy that was not rolled back',
      { latest: latest({ status: 'FAILED', isLeftMixed: true }), mixed: '1 of 3 servers have 1.1.0; i-1 has 1.0.0' },
      [[/was not rolled back: resume it, or go back/, '#/deploys/d1']],
    ],
    [
      'is only to read about one whose servers were replaced since',
      { latest: latest({ status: 'FAILED', isOver: true, fleetState: 'Nothing is left to resume: i-1 was replaced since' }) },
      [[/^The last deploy failed\. Nothing is left to resume: i-1 was replaced since\. Read why it failed\.$/, '#/deploys/d1']],
    ],
    [
      'is to bring the release to servers that have another one',
      { mixed: '2 of 3 servers have 1.1.0; i-1 has 1.0.0' },
      [[/^2 of 3 servers have 1\.1\.0; i-1 has 1\.0\.0\. A deploy of 1\.1\.0 brings it/, './holdfast deploy 1.1.0 --fleet web']],
    ],
    [
      'is the runbook of an alarm, in words',
      { attention: { alarms: [firing], incidents: [] } },
      [[/^holdfast-web-deploy-failed is in ALARM: a deploy failed\.$/, '#/runbook/deploy-failed']],
    ],
    [
      'is the incident, which says more than its alarm, before the deploy',
      { attention: { alarms: [firing], incidents: [open] }, latest: latest({ status: 'RUNNING' }) },
      [
        [/^An incident of the session store is open/, '#/incidents/inc-1'],
        [/under way/, '#/deploys/d1'],
      ],
    ],
  ])('%s', (_, more, expected) => {
    const steps = nextSteps({ ...calm, ...more });
    expect(steps.map(({ link, command }) => link?.href ?? command)).toEqual(expected.map(([, where]) => where));
    for (const [index, [text]] of expected.entries()) expect(steps[index]?.text).toMatch(text);
  });
});

it.each([
  ['1.0.0', []],
  ['1.3.0', ['1.2.0', '1.0.0']],
  ['1.11.0', ['1.9.0', '1.10.4']],
  ['3.1.0', ['2026-nightly', '3.0.0']],
  ['VERSION', ['2026-nightly']],
])('the page of the local cloud suggests %s where %j are published', (version, published) => expect(nextVersion(published)).toBe(version));

describe('a failed deploy', () => {
  const target = (more: Partial<TargetProgress>): TargetProgress => ({
    ...{ order: 0, fromVersion: '1.0.0', phaseStartedAtMs: NOW, startedAtMs: NOW, phase: 'failed' },
    ...more,
  });
  const failed = (targets: Record<string, TargetProgress>, more = {}) => ({
    status: 'FAILED' as const,
    rolledBack: false,
    targets,
    ...more,
  });
  it.each([
    ['was not rolled back if a server has the new release', failed({ a: target({ phase: 'done' }) }), true],
    ['was not rolled back if a server is out of service', failed({ a: target({ takenOut: true }) }), true],
    [
      'has nothing to roll back if it touched no server',
      failed({ a: target({ phase: 'waiting', startedAtMs: undefined }) } as never),
      false,
    ],
    ['was rolled back if its record has it', failed({ a: target({ phase: 'rolledBack' }) }, { rolledBack: true }), false],
    ['is not one that succeeded', failed({ a: target({ phase: 'done' }) }, { status: 'SUCCEEDED' }), false],
  ])('%s', (_, deploy, expected) => expect(isNotRolledBack(deploy)).toBe(expected));

  it.each([
    [{ phase: 'waiting' }, 'FAILED', 'not touched'],
    [{ phase: 'waiting', startedAtMs: 1 }, 'FAILED', 'stopped while waiting'],
    [{ phase: 'waiting' }, 'RUNNING', 'waiting'],
    [{ phase: 'rolledBack', startedAtMs: 1 }, 'FAILED', 'rolled back'],
    [{ phase: 'sessionDrain', startedAtMs: 1 }, 'RUNNING', 'waiting for its sessions'],
  ] as const)('a server that is %j in a deploy that is %s is %s', (target, status, words) =>
    expect(phaseWords(target, status)).toBe(words),
  );
});

describe('the first page', () => {
  let fake: FakeBackend;
  beforeEach(async () => {
    fake = createFakeBackend();
    await furnish(fake);
  });

  it('has the release, the deploy, the servers with another release first, and what is wrong', async () => {
    expect(await readOverview(fake, Date.now())).toMatchObject({
      release: '1.0.0',
      latest: { deployId: 'c0ffee12-running', status: 'RUNNING' },
      servers: [{ instanceId: 'i-0a1', version: '1.2.0', isCurrent: false }, { instanceId: 'i-0b2' }, { instanceId: 'i-0c3' }],
      serversWords: '2 of 3 servers have 1.0.0; i-0a1 has 1.2.0',
      isMixed: true,
      store: { activeSessions: 1_204 },
      gate: {
        verdict: 'incompatible',
        words: [
          'holdfast-session-gate, service-deployment/shop/web/abc',
          'forward: the new release shows nobody with a session that the old one began',
        ],
      },
    });
  });

  it('warns of no alarm of others, which fires in normal operation, and of no dry run', async () => {
    const before = await readAttention(fake, Date.now());
    expect([before.alarms.length, before.incidents.map(({ incidentId }) => incidentId)]).toEqual([
      1,
      ['inc-0123456789ab', 'inc-00000000aaaa'],
    ]);
    fake.alarms.push({ arn: 'a', name: 'TargetTracking-AlarmLow', state: 'ALARM', reason: '', sinceMs: 1, description: 'DO NOT EDIT' });
    // One of another installation of the account, as Holdfast writes it.
    const [own] = fake.alarms.filter(({ state }) => state === 'ALARM');
    fake.alarms.push({ ...own, arn: 'b', name: 'other-sessions-store-unreachable' } as (typeof fake.alarms)[number]);
    const { latestIncidents } = fake.cloud.incidents;
    Object.assign(fake.cloud.incidents, {
      latestIncidents: async (max: number) => (await latestIncidents(max)).map((one) => ({ ...one, dryRun: true })),
    });
    const after = await readAttention(fake, Date.now());
    expect([after.alarms.length, after.incidents]).toEqual([1, []]);
  });
});
