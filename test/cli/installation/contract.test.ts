import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AwsError } from '#local-aws/service/service.ts';
import { type Deployed, judgeContract } from '../../../cli/installation/judge-contract.ts';
import { CONTRACT } from '../../../functions/installation/contract.ts';
import { recordKeys } from '../../../functions/records/keys.ts';
import { parseContent } from '../../../infra/config.ts';
import { OWN_VERSION } from '../../../infra/own-files.ts';
import { deployedParameter, EXECUTION, type FakeCloud, keepDeploy, keepReleases, startFakeCloud } from '../fake-cloud.ts';
import { PLACE as LOCAL_PLACE, makeStateFolder, onlyLine, runCli, spawnCli } from '../run-cli.ts';

const PLACE = { installation: 'shop', fleet: 'web', local: false };
const configuration = { table: 'shop-records', ...recordKeys.installation() };
const OTHER: Deployed = { state: 'known', contract: CONTRACT + 1, version: '0.9.0', configuration };

describe('the contract of an installation', () => {
  it.each<[string, Deployed]>([
    ['the same contract, of whatever version', { ...OTHER, contract: CONTRACT }],
    ['no installation: the command itself reports that', { state: 'none' }],
  ])('%s is no reason to stop', (_, deployed) => {
    expect(judgeContract(deployed, PLACE)).toBeUndefined();
  });

  it.each<[string, Deployed, RegExp, RegExp]>([
    [
      'another contract',
      OTHER,
      new RegExp(`Holdfast 0\\.9\\.0, with contract ${CONTRACT + 1}; this is .*, with contract ${CONTRACT}`),
      /^Run the command of Holdfast 0\.9\.0, or .*npx --no cdk deploy --all/,
    ],
    [
      'none',
      { state: 'older' },
      /^Installation shop has no contract/,
      /^Run the command of the version that deployed it, or .*npx --no cdk deploy --all/,
    ],
    [
      'one that cannot be read',
      { state: 'unread', reason: 'no ssm:GetParameter' },
      /\(no ssm:GetParameter\)/,
      /shop-web-publisher.*ssm:GetParameter/,
    ],
  ])('names the ways out of %s', (_, deployed, problem, remedy) => {
    expect(judgeContract(deployed, PLACE)).toEqual({ problem: expect.stringMatching(problem), remedy: expect.stringMatching(remedy) });
  });

  it('names the command that starts a local cloud again', () => {
    expect(judgeContract(OTHER, { ...PLACE, local: true })?.remedy).toMatch(/"\.\/holdfast down" and "\.\/holdfast up"/);
    expect(judgeContract(OTHER, { ...PLACE, local: true }, undefined, true)?.remedy).toMatch(/"npx --no cdk deploy --all"/);
  });
});

describe('a command on an installation', () => {
  let cloud: FakeCloud;
  let state: ReturnType<typeof makeStateFolder>;
  beforeAll(async () => {
    cloud = await startFakeCloud();
    state = makeStateFolder();
    cloud.announce(state.folder);
    keepReleases(cloud, ['1.1.0']);
    keepDeploy(cloud, {
      ...{ fleet: 'web', deployId: 'd1', startedAtMs: 1, executionArn: EXECUTION, from: '1', to: '2', requestedBy: 'ann' },
      ...{ status: 'RUNNING', stage: 'rolling', targets: {} },
    } as Parameters<typeof keepDeploy>[1]);
  });
  afterAll(async () => {
    await cloud.close();
    state.remove();
  });
  beforeEach(() => {
    cloud.parameter = deployedParameter({ contract: CONTRACT + 1, version: '0.9.0' });
    cloud.describe = () => ({ status: 'RUNNING', startDate: new Date(0) });
    cloud.partParameter = undefined;
    cloud.denied = false;
    cloud.started.length = 0;
    cloud.stopped.length = 0;
  });

  it.each([
    [['deploy', '1.1.0']],
    [['rollback']],
    [['deploys', 'resume', 'd1']],
    [['restart', 'i-0123456789abcdef0']],
    [['releases', 'publish', '1.1.0', '.']],
    [['sweep', '--dry-run']],
    [['incidents', 'run', 'logged-out', '--dry-run']],
    [['incidents', 'do', 'inc-00000000abcd', 'sweep-now']],
    [['deploys', 'end-drain', 'i-0123456789abcdef0']],
    [['deploys', 'continue', 'd1']],
  ])('of another contract is refused by %j, which starts nothing', async (args) => {
    const { code, stdout } = await runCli(state.folder, [...args, '--json']);
    const message = expect.stringMatching(/0\.9\.0.*Nothing was changed\. Run the command of Holdfast 0\.9\.0, or /);
    expect([code, onlyLine(stdout)]).toEqual([2, { error: { code: 'OtherContract', message } }]);
    expect(cloud.started).toEqual([]);
  });

  it.each([[['status']], [['releases']], [['deploys']], [['sweeps']], [['incidents']], [['store']]])(
    'of another contract is read by %j, with a warning',
    async (args) => {
      const { stdout, stderr } = await runCli(state.folder, [...args, '--json']);
      expect(stderr).toMatch(/^Warning: Installation holdfast was deployed by Holdfast 0\.9\.0.*\n$/);
      expect(onlyLine(stdout)).toBeTypeOf('object');
    },
  );

  it('of another contract can be stopped', async () => {
    cloud.onStop = () => {
      cloud.describe = () => ({ status: 'ABORTED', startDate: new Date(0), stopDate: new Date(1) });
      const [key, record] = [...cloud.items].find(([name]) => name.endsWith('DEPLOY#d1')) as [string, Record<string, unknown>];
      cloud.items.set(key, { ...record, status: 'ABORTED', rolledBack: true, cleanUp: { finishedAtMs: 1 } });
    };
    const { stderr } = await runCli(state.folder, ['deploys', 'abort', 'd1', '--json']);
    expect(stderr).toMatch(/^Warning: /);
    expect(cloud.stopped).toMatchObject([{ executionArn: EXECUTION }]);
  });

  it('whose parameter the credentials cannot read is not changed', async () => {
    cloud.parameter = () => {
      throw new AwsError('AccessDeniedException', 'User: ann is not authorized to perform: ssm:GetParameter');
    };
    const { code, stdout } = await runCli(state.folder, ['deploy', '1.1.0', '--json']);
    expect([code, onlyLine(stdout)]).toMatchObject([
      2,
      { error: { code: 'OtherContract', message: expect.stringContaining('ssm:GetParameter') } },
    ]);
  });

  it('that has a table and no parameter is an older one', async () => {
    cloud.parameter = () => {
      throw new AwsError('ParameterNotFound', 'no parameter');
    };
    const { code, stdout } = await runCli(state.folder, ['deploy', '1.1.0', '--json']);
    expect([code, onlyLine(stdout)]).toMatchObject([2, { error: { message: expect.stringContaining('has no contract') } }]);
    cloud.denied = true;
    expect((await runCli(state.folder, ['deploy', '1.1.0', '--json'])).code).toBe(2);
  });

  const others: readonly [string, string, readonly string[]][] = [
    ['web', 'Fleet web of installation holdfast', ['deploy', '1.1.0']],
    ['web', 'Fleet web of installation holdfast', ['releases', 'publish', '1.1.0', '.']],
    ['store', 'What sweeps the store of installation holdfast', ['sweep', '--dry-run']],
    ['incidents', 'What works on incidents of installation holdfast', ['incidents', 'run', 'logged-out']],
  ];
  it.each(others)('whose part %s was not updated yet is not changed by a command that starts it: %s', async (old, subject, args) => {
    cloud.parameter = deployedParameter();
    cloud.partParameter = (part) => JSON.stringify({ contract: part === old ? CONTRACT - 1 : CONTRACT, version: '0.0.9' });
    const { code, stdout } = await runCli(state.folder, [...args, '--json']);
    expect([code, onlyLine(stdout), cloud.started]).toEqual([
      2,
      { error: { code: 'OtherContract', message: expect.stringMatching(`^${subject} was deployed by Holdfast 0\\.0\\.9`) } },
      [],
    ]);
  });

  it('one of whose parts was not updated is changed in the others, also by the command of the older version', async () => {
    cloud.parameter = deployedParameter({ contract: CONTRACT + 1 });
    cloud.partParameter = (part) => JSON.stringify({ contract: part === 'web' ? CONTRACT : CONTRACT + 1, version: '0.1.0' });
    cloud.describe = () => ({ status: 'SUCCEEDED', startDate: new Date(0), stopDate: new Date(1) });
    await runCli(state.folder, ['deploy', '1.1.0', '--json']);
    expect(cloud.started).toHaveLength(1);
    expect((await runCli(state.folder, ['sweep', '--dry-run', '--json'])).code).toBe(2);
  });

  it('whose parts have no contract was deployed by an older version, or in part', async () => {
    cloud.parameter = deployedParameter();
    cloud.partParameter = () => {
      throw new AwsError('ParameterNotFound', 'no parameter');
    };
    const { code, stdout } = await runCli(state.folder, ['deploy', '1.1.0', '--json']);
    const message = expect.stringMatching(/^Fleet web .* no such fleet, or its stack holdfast-web-deploy was not deployed, or an older/);
    expect([code, onlyLine(stdout), cloud.started]).toEqual([2, { error: { code: 'OtherContract', message } }, []]);
  });

  it('of the same contract is changed, without a word', async () => {
    cloud.parameter = deployedParameter({ version: '0.9.0' });
    cloud.describe = () => ({ status: 'SUCCEEDED', startDate: new Date(0), stopDate: new Date(1) });
    const { stderr } = await spawnCli(state.folder, ['deploy', '1.1.0', '--json']);
    expect([stderr, cloud.started.length]).toEqual(['', 1]);
  });

  it.each([
    ['of another contract', deployedParameter({ contract: CONTRACT + 1, version: '0.9.0' }), { version: '0.9.0', contract: CONTRACT + 1 }],
    ['of the same contract', deployedParameter({ version: '0.9.0' }), { version: '0.9.0', contract: CONTRACT }],
  ])('%s is shown by version', async (_, parameter, deployed) => {
    cloud.parameter = parameter;
    const { code, stdout } = await runCli(state.folder, ['version', '--json']);
    const where = { installation: 'holdfast', account: '000000000000', region: 'us-east-1' };
    const shown = { ...where, ...deployed, parts: { web: deployed, store: deployed } };
    expect([code, onlyLine(stdout)]).toEqual([0, { ...LOCAL_PLACE, version: OWN_VERSION, contract: CONTRACT, deployed: shown }]);
  });

  it('is shown by version part by part', async () => {
    const { pk, sk } = recordKeys.installation();
    const configuration = JSON.stringify({ fleets: { web: {}, api: {} }, incidents: { enabled: true } });
    cloud.items.set(`${pk}|${sk}`, { contract: CONTRACT, version: '0.1.0', configuration });
    cloud.parameter = deployedParameter();
    cloud.partParameter = (part) => {
      if (part === 'api') throw new AwsError('AccessDeniedException', 'User: ann is not authorized to perform: ssm:GetParameter');
      if (part === 'incidents') throw new AwsError('ParameterNotFound', 'no parameter');
      return JSON.stringify(part === 'store' ? { contract: CONTRACT - 1, version: '0.0.9' } : { contract: CONTRACT, version: '0.1.0' });
    };
    const { code, stdout } = await runCli(state.folder, ['version', '--json']);
    const { stdout: text } = await runCli(state.folder, ['version']);
    cloud.items.delete(`${pk}|${sk}`);
    const parts = {
      ...{ web: { version: '0.1.0', contract: CONTRACT }, api: { state: 'unread' } },
      ...{ store: { version: '0.0.9', contract: CONTRACT - 1 }, incidents: { state: 'absent' } },
    };
    expect([code, onlyLine(stdout)]).toEqual([0, expect.objectContaining({ deployed: expect.objectContaining({ parts }) })]);
    expect(text).toMatch(new RegExp(`^holdfast .*\\ninstallation holdfast .*\\n {2}fleet web: 0\\.1\\.0, contract ${CONTRACT}\\n`));
  });

  it('that is not named is not missed by version', async () => {
    const nowhere = makeStateFolder();
    const { code, stdout } = await runCli(nowhere.folder, ['version', '--json']);
    nowhere.remove();
    expect([code, onlyLine(stdout)]).toEqual([0, { version: OWN_VERSION, contract: CONTRACT, deployed: null }]);
  });

  it('is examined by doctor with the configuration that was deployed', async () => {
    const { pk, sk } = recordKeys.installation();
    const config = parseContent({ installation: 'other', fleets: { api: { allowPlainHttp: true } } }, 'test');
    cloud.parameter = deployedParameter();
    cloud.items.set(`${pk}|${sk}`, { contract: CONTRACT, version: '0.1.0', configuration: JSON.stringify(config) });
    const { stdout, stderr } = await runCli(state.folder, ['doctor', '--installation', 'other', '--json']);
    expect([stderr, onlyLine(stdout)]).toMatchObject(['', { fleet: 'api' }]);
    cloud.items.delete(`${pk}|${sk}`);
    const without = await runCli(state.folder, ['doctor', '--installation', 'other', '--json']);
    expect([without.code, onlyLine(without.stdout)]).toMatchObject([2, { error: { code: 'NoConfiguration' } }]);
  });
});
