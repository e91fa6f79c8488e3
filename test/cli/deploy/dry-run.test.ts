import { describe, expect, it } from 'vitest';
import { dryRunLines } from '../../../cli/deploy/dry-run-lines.ts';
import type { DryRunReport } from '../../../functions/deploy/dry-run/contract.ts';
import { type AnnouncedCloud, withAnnouncedCloud } from '../announced-cloud.ts';
import { onlyLine, PLACE, runCli } from '../run-cli.ts';

const REPORT: DryRunReport = {
  fleet: 'web',
  version: '1.1.0',
  from: '1.0.0',
  refused: false,
  refusals: [],
  unchecked: [{ check: 'release', why: 'only its first server shows that' }],
  warnings: ['Requests are drained blind.'],
  servers: [
    {
      instanceId: 'i-1',
      zone: 'eu-west-1a',
      version: '1.0.0',
      health: 'healthy',
      drain: 'counts',
      waitsForSessions: true,
      sessions: 4,
      startsAfterSeconds: 0,
      togetherWith: [],
    },
    {
      instanceId: 'i-2',
      version: '1.0.0',
      health: 'healthy',
      drain: 'kernel',
      waitsForSessions: false,
      startsAfterSeconds: 40,
      togetherWith: [],
    },
  ],
  unchanged: ['i-3'],
  atATime: 1,
  expected: { deployId: 'd1', seconds: 95, suspendedSeconds: 80, phases: { draining: 12, installing: 28 } },
  worst: { seconds: 4_550, suspendedSeconds: 4_370 },
  suspendsAutoScaling: true,
};
const REFUSED: DryRunReport = {
  ...REPORT,
  refused: true,
  refusals: [
    { check: 'lock', error: 'DeployInProgress', message: 'deploy d0 holds the lock' },
    { check: 'agents', error: 'AgentOffline', message: 'the Systems Manager agent on i-2 is not online' },
  ],
};

let cloud: AnnouncedCloud['cloud'];
let state: AnnouncedCloud['state'];
withAnnouncedCloud((announced) => {
  ({ cloud, state } = announced);
});

/** What the fleet's function answers. */
const answers = (reply: object) => cloud.objects.set('functions/holdfast-web-deploy-dry-run%3Alive/invocations', JSON.stringify(reply));

describe('deploy --dry-run', () => {
  it('prints the plan, starts nothing, and exits with 0', async () => {
    answers(REPORT);
    const { code, stdout } = await runCli(state.folder, ['deploy', '1.1.0', '--dry-run']);
    expect(stdout).toContain('dry run  1.0.0 → 1.1.0 in fleet web; nothing was changed');
    expect(stdout).toContain('order    2 servers, one at a time');
    expect([code, cloud.started]).toEqual([0, []]);
  });

  it('shows the cookie and the route by which a rule will know the sessions', () => {
    const [first] = REPORT.servers;
    const servers = [{ ...(first as (typeof REPORT.servers)[number]), cookie: 'JSESSIONID', route: 'i-1' }];
    expect(dryRunLines({ ...REPORT, servers }).join('\n')).toContain(
      'sessions (4 now, cookie JSESSIONID, route i-1), then requests in flight',
    );
  });

  it('prints the report as one line of JSON', async () => {
    answers(REPORT);
    const { code, stdout } = await runCli(state.folder, ['deploy', '1.1.0', '--dry-run', '--json']);
    expect([code, onlyLine(stdout)]).toEqual([0, { ...PLACE, dryRun: REPORT }]);
  });

  it('prints every refusal and exits with 2 when the deploy would be refused', async () => {
    answers(REFUSED);
    const { code, stdout } = await runCli(state.folder, ['deploy', '1.1.0', '--dry-run']);
    expect(stdout).toContain('DeployInProgress: deploy d0 holds the lock\n  AgentOffline: the Systems Manager agent on i-2');
    expect(code).toBe(2);
    const json = await runCli(state.folder, ['deploy', '1.1.0', '--dry-run', '--json']);
    expect([json.code, onlyLine(json.stdout)]).toEqual([2, { ...PLACE, dryRun: REFUSED }]);
  });

  it.each([['a version that is none', ['../1', '--dry-run'], 'is not a valid version']])(
    'refuses %s with exit code 2',
    async (_what, options, message) => {
      const { code, stderr } = await runCli(state.folder, ['deploy', ...options]);
      expect(stderr).toContain(message);
      expect(code).toBe(2);
    },
  );
});

describe('a dry run as text', () => {
  it('has the order, the drain, the times and the suspension', () => {
    const text = dryRunLines(REPORT).join('\n');
    for (const words of [
      /1 +i-1 +eu-west-1a +1\.0\.0 +healthy +after 0\.0 s +alone +sessions \(4 now\), then requests in flight/,
      /2 +i-2 +zone unknown +1\.0\.0 +healthy +after 40\.0 s +alone +requests in flight, by its connections in the kernel/,
      /left alone: i-3/,
      /expected: 1 m 35 s, by deploy d1 \(per server: draining 12\.0 s, installing 28\.0 s\)/,
      /at most: 1 h 16 m/,
      /Auto Scaling is suspended for about 1 m 20 s, at most 1 h 13 m: no policy scales it then, and scheduled actions of that time never run/,
      /warning +Requests are drained blind\./,
      /unchecked +release: only its first server shows that/,
    ])
      expect(text).toMatch(words);
  });

  it('says what is unknown, and which servers are out of service together', () => {
    const { expected: _, ...unknown } = REPORT;
    const servers = unknown.servers.map(({ startsAfterSeconds: __, ...server }, index) => ({
      ...server,
      togetherWith: [`i-${2 - index}`],
    }));
    const text = dryRunLines({ ...unknown, servers, atATime: 2 }).join('\n');
    expect(text).toContain('2 servers, at most 2 at a time');
    expect(text).toMatch(/i-1 .*with i-2/);
    expect(text).toContain('expected: unknown: no deploy that succeeded is on record');
    expect(text).toContain('suspended for at most 1 h 13 m');
  });
});
