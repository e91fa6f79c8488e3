/** The dry run of a deploy on an installation of another contract, where the deploy itself is refused. */
import { describe, expect, it } from 'vitest';
import { AwsError } from '#local-aws/service/service.ts';
import { CONTRACT } from '../../../functions/installation/contract.ts';
import { type AnnouncedCloud, withAnnouncedCloud } from '../announced-cloud.ts';
import { deployedParameter } from '../fake-cloud.ts';
import { onlyLine, PLACE, runCli } from '../run-cli.ts';

const REPORT = {
  ...{ fleet: 'web', version: '1.1.0', from: '1.0.0', refused: false, refusals: [], unchecked: [], warnings: [] },
  ...{ servers: [], unchanged: ['i-1'], atATime: 1, suspendsAutoScaling: false },
};
const LOCKED = { check: 'lock', error: 'DeployInProgress', message: 'deploy d0 holds the lock' };
const DRY_RUN = ['deploy', '1.1.0', '--dry-run'];

let cloud: AnnouncedCloud['cloud'];
let state: AnnouncedCloud['state'];
withAnnouncedCloud((announced) => {
  ({ cloud, state } = announced);
  cloud.parameter = deployedParameter({ contract: CONTRACT + 1, version: '0.9.0' });
  cloud.partParameter = undefined;
});

const answers = (reply: object) => cloud.objects.set('functions/holdfast-web-deploy-dry-run%3Alive/invocations', JSON.stringify(reply));

describe('a dry run on an installation of another contract', () => {
  it('has the refusal first in its list, and exits with 2', async () => {
    answers({ ...REPORT, refused: true, refusals: [LOCKED] });
    const { code, stdout, stderr } = await runCli(state.folder, DRY_RUN);
    expect(stdout).toMatch(
      /result {3}the deploy would be refused:\n {2}OtherContract: Fleet web of installation holdfast was deployed by Holdfast 0\.9\.0, .*Run the command of Holdfast 0\.9\.0, or .*\n {2}DeployInProgress: deploy d0 holds the lock\n/,
    );
    expect([code, stderr, cloud.started]).toEqual([2, '', []]);
  });

  it('has it in the report of --json, where nothing else refuses the deploy', async () => {
    answers(REPORT);
    const { code, stdout } = await runCli(state.folder, [...DRY_RUN, '--json']);
    const refusal = {
      check: 'contract',
      error: 'OtherContract',
      message: expect.stringContaining(`with contract ${CONTRACT + 1}; this is `),
    };
    expect([code, onlyLine(stdout)]).toEqual([2, { ...PLACE, dryRun: { ...REPORT, refused: true, refusals: [refusal] } }]);
  });

  it.each<[string, () => void]>([
    ['has no function for it', () => {}],
    ['answers something else', () => answers({ plan: [] })],
  ])('ends as the deploy does where the installation %s', async (_, given) => {
    given();
    const { code, stdout } = await runCli(state.folder, [...DRY_RUN, '--json']);
    expect([code, onlyLine(stdout)]).toEqual([
      2,
      { error: { code: 'OtherContract', message: expect.stringContaining('Nothing was changed. Run the command of Holdfast 0.9.0') } },
    ]);
    const deploy = await runCli(state.folder, ['deploy', '1.1.0', '--json']);
    expect(deploy).toMatchObject({ code, stdout });
  });

  it('has it also where the credentials cannot read the contract', async () => {
    answers(REPORT);
    cloud.parameter = () => {
      throw new AwsError('AccessDeniedException', 'User: ann is not authorized to perform: ssm:GetParameter');
    };
    const { code, stdout } = await runCli(state.folder, DRY_RUN);
    expect([code, stdout]).toEqual([
      2,
      expect.stringContaining('  OtherContract: The contract of installation holdfast could not be read'),
    ]);
  });
});
