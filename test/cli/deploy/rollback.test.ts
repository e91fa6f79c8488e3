import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../until.ts';
import { EXECUTION, type FakeCloud, keepDeploy, keepReleases, startFakeCloud } from '../fake-cloud.ts';
import { makeStateFolder, onlyLine, PLACE, runCli } from '../run-cli.ts';

let cloud: FakeCloud;
const state = makeStateFolder();
beforeAll(async () => {
  cloud = await startFakeCloud();
  cloud.announce(state.folder);
});
afterAll(async () => {
  state.remove();
  await cloud.close();
});
beforeEach(() => {
  cloud.items.clear();
  keepReleases(cloud, ['1.0.0', '1.1.0', '1.2.0', 'v1.1.0']);
  cloud.started.length = 0;
});

const deployed = (deployId: string, startedAtMs: number, from: string, to: string, more: object = {}) =>
  keepDeploy(cloud, {
    deployId,
    executionArn: EXECUTION,
    fleet: 'web',
    from,
    to,
    requestedBy: 'local/ann',
    startedAtMs,
    status: 'SUCCEEDED',
    stage: 'finished',
    targets: {},
    ...more,
  } as Parameters<typeof keepDeploy>[1]);
const isCurrent = (currentVersion: string, deployId: string) =>
  cloud.items.set('FLEET#web|FLEET', { fleet: 'web', currentVersion, deployId, sha256: 'a', updatedAtMs: 1, fencingToken: 1 });
const rollback = (...more: string[]) => runCli(state.folder, ['rollback', '--json', ...more]);
const startedVersions = () => cloud.started.map(({ input }) => JSON.parse(String(input)).version);

describe('rollback', () => {
  it('deploys what the last promoted deploy replaced', async () => {
    deployed('d1', 1, '1.0.0', 'v1.1.0');
    deployed('d2', 2, 'v1.1.0', '1.2.0', { status: 'FAILED' });
    isCurrent('v1.1.0', 'd1');
    const { code, stdout } = await rollback();
    expect([code, onlyLine(stdout)]).toEqual([0, { ...PLACE, deploy: expect.objectContaining({ to: '1.0.0', status: 'SUCCEEDED' }) }]);
    expect(cloud.started.map(({ input }) => JSON.parse(String(input)))).toEqual([{ version: '1.0.0', requestedBy: 'local/ann' }]);
  });

  it('says from what to what, and with --dry-run what the fleet answers, and starts nothing', async () => {
    deployed('d1', 1, '1.0.0', '1.1.0');
    isCurrent('1.1.0', 'd1');
    const line = 'rollback of fleet web from 1.1.0 to 1.0.0\n';
    expect((await runCli(state.folder, ['rollback'])).stdout).toContain(line);
    cloud.started.length = 0;
    const refusal = { check: 'lock', error: 'DeployInProgress', message: 'deploy d0 holds the lock' };
    const report = {
      ...{ fleet: 'web', version: '1.0.0', from: '1.1.0', refused: true, refusals: [refusal], unchecked: [], warnings: [] },
      servers: [],
      unchanged: [],
    };
    cloud.objects.set('functions/holdfast-web-deploy-dry-run%3Alive/invocations', JSON.stringify(report));
    const { code, stdout } = await runCli(state.folder, ['rollback', '--dry-run']);
    expect([code, stdout]).toEqual([2, expect.stringContaining(line)]);
    expect(stdout).toContain('deploy d0 holds the lock');
    expect(onlyLine((await rollback('--dry-run')).stdout)).toMatchObject({ dryRun: { version: '1.0.0', refused: true } });
    expect(cloud.started).toEqual([]);
  });

  it('passes over deploys of the current release over itself', async () => {
    deployed('d1', 1, '1.0.0', '1.1.0');
    deployed('d2', 2, '1.1.0', '1.1.0');
    isCurrent('1.1.0', 'd2');
    await rollback();
    expect(cloud.started.map(({ input }) => JSON.parse(String(input)))).toMatchObject([{ version: '1.0.0' }]);
  });

  it.each<[string, () => void, string]>([
    ['a fleet without a release', () => {}, 'no deploy has been promoted yet'],
    [
      'a first release',
      () => {
        deployed('d1', 1, 'none', '1.0.0');
        isCurrent('1.0.0', 'd1');
      },
      '1.0.0 is its first release',
    ],
    ['a deploy that is not on record', () => isCurrent('1.0.0', 'd1'), 'the deploy that brought 1.0.0 is no longer on record'],
  ])('starts nothing for %s', async (_, prepare, why) => {
    prepare();
    const { code, stdout } = await rollback();
    expect([code, onlyLine(stdout)]).toEqual([
      2,
      { error: { code: 'NothingToRollBack', message: expect.stringMatching(`${why}. Nothing was started`) } },
    ]);
    expect(cloud.started).toEqual([]);
  });
});

/** Of a pipeline that runs twice, a button pressed twice, two people in one incident. */
describe('a rollback after a rollback', () => {
  const isRestored = () => {
    deployed('d1', 1, 'none', '1.0.0');
    deployed('d2', 2, '1.0.0', '1.1.0');
    deployed('d3', 3, '1.1.0', '1.0.0', { requestedBy: 'ops/bob' });
    isCurrent('1.0.0', 'd3');
  };
  const WHO =
    'Fleet web went back from 1.1.0 to 1.0.0 already: ops/bob did that at 1970-01-01T00:00:00.003Z (deploy d3). Another rollback brings 1.1.0 back.';

  it.each([[[]], [['--yes']]])(
    'is refused without a terminal (%j), naming who rolled back when and what to write instead',
    async (more) => {
      isRestored();
      const { code, stdout } = await rollback(...more);
      const message = `${WHO} Nothing was started. Name the release that is wanted: ./holdfast deploy VERSION --fleet web`;
      expect([code, onlyLine(stdout), cloud.started]).toEqual([2, { error: { code: 'RolledBackAlready', message } }, []]);
    },
  );

  it.each<[string, () => void, string]>([
    [
      'a release that was rolled back and deployed again goes back to the older one',
      () => {
        isRestored();
        deployed('d4', 4, '1.0.0', '1.1.0');
        isCurrent('1.1.0', 'd4');
      },
      '1.0.0',
    ],
    [
      'the next bad release goes back to the good one, not to the one published before',
      () => {
        isRestored();
        deployed('d4', 4, '1.0.0', '1.2.0');
        isCurrent('1.2.0', 'd4');
      },
      '1.0.0',
    ],
    [
      'an older release that never served was no way back',
      () => {
        deployed('d1', 1, 'none', '1.1.0');
        deployed('d2', 2, '1.1.0', '1.0.0');
        isCurrent('1.0.0', 'd2');
      },
      '1.1.0',
    ],
  ])('is none where %s', async (_, prepare, version) => {
    prepare();
    expect((await rollback()).code).toBe(0);
    expect(startedVersions()).toEqual([version]);
  });

  it('is one too where the previous release was deployed by its version, after restarts and a deploy over itself', async () => {
    isRestored();
    deployed('d4', 4, '1.0.0', '1.0.0', { restart: 'i-1' });
    deployed('d5', 5, '1.0.0', '1.0.0');
    deployed('d6', 6, '1.0.0', '1.0.0', { restartAll: true });
    isCurrent('1.0.0', 'd6');
    const { stdout } = await rollback();
    expect([onlyLine(stdout), cloud.started]).toEqual([
      { error: { code: 'RolledBackAlready', message: expect.stringContaining('(deploy d3)') } },
      [],
    ]);
  });

  describe('on a terminal', () => {
    const STREAMS = [process.stdin, process.stderr];
    const were = STREAMS.map(({ isTTY }) => isTTY);
    beforeEach(() => {
      for (const stream of STREAMS) stream.isTTY = true;
    });
    afterEach(() => {
      STREAMS.forEach((stream, index) => {
        stream.isTTY = were[index] as boolean;
      });
    });

    it('goes on with --yes, and warns', async () => {
      isRestored();
      const { code, stderr } = await rollback('--yes');
      expect([code, stderr, startedVersions()]).toEqual([0, `Warning: ${WHO}\n`, ['1.1.0']]);
    });

    it('asks, and starts nothing for any answer but yes', async () => {
      isRestored();
      const listening = process.stdin.listenerCount('end');
      const asked = rollback();
      await until(() => process.stdin.listenerCount('end') > listening, 'the question');
      process.stdin.emit('end');
      const { code, stderr, stdout } = await asked;
      expect([code, onlyLine(stdout)]).toEqual([2, { error: expect.objectContaining({ code: 'NotConfirmed' }) }]);
      expect([stderr, cloud.started]).toEqual([expect.stringContaining(`${WHO} Go on? [y/N]`), []]);
    });
  });
});
