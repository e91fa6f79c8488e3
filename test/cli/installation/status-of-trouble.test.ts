/** What `status` says of an outage, and of a deploy that failed. */
import { describe, expect, it } from 'vitest';
import { AwsError } from '#local-aws/service/service.ts';
import { recordKeys } from '../../../functions/records/keys.ts';
import { type AnnouncedCloud, withAnnouncedCloud } from '../announced-cloud.ts';
import { EXECUTION, keepDeploy } from '../fake-cloud.ts';
import { onlyLine, runCli } from '../run-cli.ts';

const AT_MS = Date.parse('2026-11-20T09:00:00Z');
const ofKey = ({ pk, sk }: { pk: string; sk: string }, item: object): [string, Record<string, unknown>] => [
  `${pk}|${sk}`,
  { pk, sk, ...item },
];

let cloud: AnnouncedCloud['cloud'];
let state: AnnouncedCloud['state'];
withAnnouncedCloud((announced) => {
  ({ cloud, state } = announced);
  cloud.alarmsError = undefined;
  cloud.items.set(...ofKey(recordKeys.fleet('web'), { fleet: 'web', currentVersion: '1.0.0', updatedAtMs: AT_MS }));
  cloud.items.set(...ofKey(recordKeys.instance('web', 'i-1'), { instanceId: 'i-1', version: '1.0.0', installedAtMs: AT_MS }));
});

/** The store is dead, an incident has found it out, and an alarm of a scaling policy does its work. */
function outage(): void {
  const incident = {
    incidentId: 'inc-1',
    runbook: 'store-failure',
    openedAtMs: AT_MS,
    finding: { verdict: 'cause', cause: 'store-down', confidence: 'certain' },
    mitigations: {},
  };
  for (const [key, item] of [
    ofKey(recordKeys.incident('inc-1'), incident),
    ofKey(recordKeys.incidentStart(AT_MS, 'inc-1'), { incidentId: 'inc-1' }),
    ofKey(recordKeys.storeUnreachable(), { sinceMs: AT_MS, seenAtMs: AT_MS + 60_000, failed: [] }),
  ])
    cloud.items.set(key, item);
  const alarm = { StateValue: 'ALARM', StateReason: 'r', AlarmArn: 'a' };
  const own = { AlarmDescription: 'severity: high. The store does not answer. Runbook: docs/runbook/at-night.md#store-unreachable' };
  // The second is another installation's.
  const named = ['holdfast-store-unreachable', 'shop-store-unreachable'].map((AlarmName) => ({ ...alarm, ...own, AlarmName }));
  cloud.alarms.push(...named, { ...alarm, AlarmName: 'holdfast-scale-out' });
}

describe('status', () => {
  it('names first what is wrong, with the next command', async () => {
    outage();
    const { stdout } = await runCli(state.folder, ['status']);
    expect(stdout.split('\n').slice(1, 5)).toEqual([
      '! 1 open incident: inc-1 (the session store) store-down (certain), since 2026-11-20T09:00:00.000Z. Next: ./holdfast incidents show inc-1 --fleet web',
      '! 1 alarm in ALARM: holdfast-store-unreachable. Next: ./holdfast doctor --fleet web',
      '! store unreachable: since 2026-11-20T09:00:00.000Z. Next: ./holdfast store --fleet web',
      'release  1.0.0',
    ]);
    const { attention } = onlyLine((await runCli(state.folder, ['status', '--json'])).stdout) as { attention: object };
    expect(attention).toMatchObject({
      alarms: [{ name: 'holdfast-store-unreachable', severity: 'high' }],
      incidents: [{ incidentId: 'inc-1', finding: 'store-down (certain)', openedAtMs: AT_MS }],
      storeUnreachable: { sinceMs: AT_MS },
    });
  });

  it('shows what the last session gate found, where one belongs to the installation', async () => {
    const found = { check: 'forward', what: 'the new release shows nobody' };
    const verdicts = [
      { verdict: 'compatible', deployment: 'arn:aws:ecs:us-east-1:000000000000:service-deployment/shop/web/one', findings: [] },
      { verdict: 'incompatible', deployment: 'arn:aws:ecs:us-east-1:000000000000:service-deployment/shop/web/two', findings: [found] },
    ];
    for (const [index, verdict] of verdicts.entries()) {
      const record = { ...verdict, gate: 'shop-gate', endedAtMs: AT_MS + index, notes: [] };
      cloud.items.set(...ofKey(recordKeys.gate(record.endedAtMs, record.gate), record));
    }
    const { stdout } = await runCli(state.folder, ['status']);
    expect(stdout).toMatch(
      /\nsession gate {2}incompatible, \d+ h \d\d m ago, shop-gate, service-deployment\/shop\/web\/two\n {2}forward: the new release shows nobody\n/,
    );
    expect(onlyLine((await runCli(state.folder, ['status', '--json'])).stdout)).toMatchObject({
      sessionGates: [{ verdict: 'incompatible', gate: 'shop-gate' }, { verdict: 'compatible' }],
    });
  });

  it('has no advice to resume a deploy whose servers were replaced since, and marks them', async () => {
    const failed = { phase: 'failed', fromVersion: '1.0.0', healthBefore: 'healthy', phaseStartedAtMs: 2, startedAtMs: 1 };
    const phases = [{ phase: 'installing', startedAtMs: 2 }];
    const error = { Error: 'TargetFailed', Cause: 'i-9 did not start' };
    keepDeploy(cloud, {
      ...{ deployId: 'd2', executionArn: EXECUTION, fleet: 'web', from: '1.0.0', to: '1.1.0', requestedBy: 'ann', startedAtMs: AT_MS + 1 },
      ...{
        status: 'FAILED',
        stage: 'rolling',
        rolledBack: false,
        error,
        outcome: 'Not rolled back. To continue: ./holdfast deploys resume d2',
      },
      targets: { 'i-9': { ...failed, phases, order: 0 } },
    } as never);
    const { stdout } = await runCli(state.folder, ['status']);
    const over = 'Nothing is left to resume: i-9 was replaced since, and the only server has 1.0.0.';
    expect(stdout.split('\n').slice(-5)).toEqual([
      expect.stringMatching(/^latest {3}1\.0\.0 → 1\.1\.0 {2}FAILED, not rolled back/),
      '  TargetFailed: i-9 did not start',
      `  ${over}`,
      '  i-9  failed; no longer in the fleet',
      '',
    ]);
    const shown = await runCli(state.folder, ['deploys', 'show', 'd2']);
    expect(shown.stdout).toContain(`result   ${over}`);
    const resumed = await runCli(state.folder, ['deploys', 'resume', 'd2']);
    expect([resumed.code, resumed.stderr, cloud.started]).toEqual([
      2,
      expect.stringContaining(`${over} Nothing was started. To deploy 1.1.0 again: ./holdfast deploy 1.1.0 --fleet web`),
      [],
    ]);
  });

  it('says that alarms were not read, and shows the rest', async () => {
    cloud.alarmsError = new AwsError('AccessDenied', 'User: ann is not authorized to perform: cloudwatch:DescribeAlarms');
    const { code, stdout } = await runCli(state.folder, ['status']);
    expect([code, stdout.split('\n')[1]]).toEqual([
      0,
      expect.stringMatching(/^! alarms were not read: .*cloudwatch:DescribeAlarms\. .*holdfast-web-reader/),
    ]);
    expect(stdout).toContain('\nrelease  1.0.0\n');
  });
});
