import { describe, expect, it } from 'vitest';
import { lockLine } from '../../../cli/installation/status.ts';
import { type AnnouncedCloud, withAnnouncedCloud } from '../announced-cloud.ts';
import { EXECUTION, keepDeploy } from '../fake-cloud.ts';
import { onlyLine, runCli, spawnCli } from '../run-cli.ts';

const AT_MS = Date.parse('2026-11-20T09:00:00Z');
const keyed = (pk: string, sk: string, item: object): [string, Record<string, unknown>] => [`${pk}|${sk}`, { pk, sk, ...item }];

let cloud: AnnouncedCloud['cloud'];
let state: AnnouncedCloud['state'];
withAnnouncedCloud((announced) => {
  ({ cloud, state } = announced);
  cloud.denied = false;
  cloud.describe = () => ({ status: 'RUNNING', startDate: new Date(0) });
});

function fill(fleet = 'web'): void {
  const pk = `FLEET#${fleet}`;
  const lock = {
    fencingToken: 2,
    deployId: 'd1',
    executionArn: EXECUTION,
    requestedBy: 'local/ann',
    version: '1.1.0',
    acquiredAtMs: AT_MS,
    expiresAtMs: AT_MS + 9e11,
  };
  const target = { phase: 'done', fromVersion: '1.0.0', phaseStartedAtMs: AT_MS, startedAtMs: AT_MS, finishedAtMs: AT_MS + 4_200 };
  const deploy = {
    deployId: 'd1',
    executionArn: EXECUTION,
    fleet,
    from: '1.0.0',
    to: '1.1.0',
    requestedBy: 'local/ann',
    startedAtMs: AT_MS,
    status: 'RUNNING',
    stage: 'rolling',
    targets: { 'i-2': { ...target, order: 1, phase: 'waiting' }, 'i-1': { ...target, order: 0 } },
  };
  const release = { fleet, bucket: 'b', key: 'k', sizeBytes: 1234, publishedBy: 'local/ann' };
  for (const [key, item] of [
    keyed(pk, 'FLEET', { fleet, currentVersion: '1.0.0', updatedAtMs: AT_MS }),
    keyed(pk, 'INSTANCE#i-1', { instanceId: 'i-1', version: '1.1.0', installedAtMs: AT_MS }),
    keyed(pk, 'LOCK', lock),
    // An earlier version's refreshes left these.
    keyed(pk, 'REFRESH', { refreshId: 'r1', status: 'RUNNING', servers: { 'i-1': { phase: 'draining' } } }),
    keyed(pk, 'SERVERS', {
      checkedAtMs: AT_MS,
      members: 2,
      current: {},
      outdated: { 'i-1': 'launch template version 1, and 2 is current' },
    }),
    keyed(pk, 'RELEASE#1.0.0', { ...release, version: '1.0.0', sha256: 'a'.repeat(64), publishedAtMs: AT_MS }),
    keyed(pk, 'RELEASE#1.1.0', { ...release, version: '1.1.0', sha256: 'b'.repeat(64), publishedAtMs: AT_MS + 1_000 }),
  ]) {
    cloud.items.set(key, item);
  }
  keepDeploy(cloud, deploy);
}

describe('status', () => {
  it('shows the release, the instances, the lock and the latest deploy with its targets in order', async () => {
    fill();
    const { code, stdout } = await spawnCli(state.folder, ['status']);
    expect([code, stdout.split('\n')]).toEqual([
      0,
      [
        'account 000000000000 (local), us-east-1, fleet web',
        'release  1.0.0',
        '  i-1  1.1.0',
        'lock     held since 2026-11-20T09:00:00.000Z by deploy d1 of 1.1.0, requested by local/ann, lease until 2055-05-29T01:00:00.000Z',
        'latest   1.0.0 → 1.1.0  RUNNING, rolling  d1',
        '  i-1  done in 4.2 s',
        '  i-2  waiting',
        '',
      ],
    ]);
  });

  it('is one line of JSON with --json', async () => {
    fill();
    const { stdout } = await runCli(state.folder, ['status', '--json']);
    expect(onlyLine(stdout)).toMatchObject({
      fleet: 'web',
      currentVersion: '1.0.0',
      deployInProgress: 'd1',
      lock: { deployId: 'd1', requestedBy: 'local/ann', acquiredAtMs: AT_MS },
      latestDeploy: { to: '1.1.0' },
    });
  });

  it('shows the status of the execution of a deploy that was stopped by force', async () => {
    fill();
    cloud.describe = () => ({ status: 'ABORTED', startDate: new Date(0), stopDate: new Date(1) });
    const { stdout } = await runCli(state.folder, ['status', '--json']);
    expect(onlyLine(stdout)).toMatchObject({ latestDeploy: { status: 'RUNNING', executionStatus: 'ABORTED' } });
  });

  it('explains how to publish and deploy the first release', async () => {
    const { stdout } = await runCli(state.folder, ['status']);
    expect(stdout).toContain(
      'release  none yet. Publish one with "./holdfast releases publish VERSION PATH --fleet web", then run "./holdfast deploy VERSION --fleet web"\nlock     free\n',
    );
  });

  it('does not ask for a first release while it is deployed', async () => {
    fill();
    cloud.items.delete(keyed('FLEET#web', 'FLEET', {})[0]);
    const { stdout } = await runCli(state.folder, ['status']);
    expect(stdout).toContain('release  none yet: the first deploy runs\n');
  });

  it("uses the local cloud's fleet unless --fleet names another one", async () => {
    fill('shop');
    cloud.announce(state.folder, { fleet: 'shop' });
    expect(onlyLine((await runCli(state.folder, ['status', '--json'])).stdout)).toMatchObject({ fleet: 'shop', currentVersion: '1.0.0' });
    expect(onlyLine((await runCli(state.folder, ['status', '--json', '--fleet', 'web'])).stdout)).toMatchObject({
      fleet: 'web',
      currentVersion: null,
    });
  });

  it('names the call that the credentials do not allow, and the policy that does', async () => {
    cloud.denied = true;
    const { code, stdout, stderr } = await runCli(state.folder, ['status', '--json']);
    expect([code, stderr, onlyLine(stdout)]).toEqual([
      3,
      '',
      {
        error: {
          code: 'AccessDenied',
          message:
            'The current credentials do not allow this: User: ann is not authorized to perform: dynamodb:GetItem. Attach the managed policy holdfast-web-reader to them, or use others.',
        },
      },
    ]);
  });
});

describe('releases', () => {
  it('lists the newest first and marks the current one', async () => {
    fill();
    const { stdout } = await runCli(state.folder, ['releases']);
    expect(
      stdout
        .split('\n')
        .slice(1)
        .map((line) => line.split(/ +/)),
    ).toEqual([
      ['VERSION', 'PUBLISHED', 'AGE', 'BYTES', 'SHA-256'],
      ['1.1.0', '2026-11-20T09:00:01.000Z', expect.stringMatching(/^\d+d$/), '1234', 'bbbbbbbbbbbbbbbb'],
      ['1.0.0', 'current', '2026-11-20T09:00:00.000Z', expect.stringMatching(/^\d+d$/), '1234', 'aaaaaaaaaaaaaaaa'],
      [''],
    ]);
  });

  it('refuses to publish a folder that is not a release', async () => {
    const { code, stdout } = await runCli(state.folder, ['releases', 'publish', '1.2.0', state.folder, '--json']);
    expect([code, onlyLine(stdout)]).toEqual([
      2,
      { error: { code: 'InvalidRelease', message: expect.stringContaining('holdfast.app.json') } },
    ]);
  });
});

describe('lockLine', () => {
  const held = { fencingToken: 1, deployId: 'd1', requestedBy: 'ann', version: '2', acquiredAtMs: AT_MS, expiresAtMs: AT_MS + 100 };
  it.each([
    ['a lock that was never taken', undefined, 'lock     free'],
    ['a lock that was released', { fencingToken: 3 }, 'lock     free'],
    ['a lease that has expired', held, 'deploy d1 of 2, requested by ann; its lease has expired, so the next deploy takes the lock over'],
  ])('shows %s', (_, lock, line) => {
    expect(lockLine(lock, AT_MS + 100)).toContain(line);
  });
});
