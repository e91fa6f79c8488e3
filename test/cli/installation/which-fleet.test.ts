/** A fleet or an installation that is not there: records of it would be empty, which reads as "none yet", and stops nothing. */
import { beforeEach, describe, expect, it } from 'vitest';
import { AwsError } from '#local-aws/service/service.ts';
import { recordKeys } from '../../../functions/records/keys.ts';
import { type AnnouncedCloud, withAnnouncedCloud } from '../announced-cloud.ts';
import { deployedParameter } from '../fake-cloud.ts';
import { onlyLine, runCli } from '../run-cli.ts';

let cloud: AnnouncedCloud['cloud'];
let state: AnnouncedCloud['state'];
withAnnouncedCloud((announced) => {
  ({ cloud, state } = announced);
});

/** Options that lead a command another way; every-command.test.ts runs each command without them. */
const COMMANDS = ['status', 'deploys abort --mine', 'deploy 1.1.0 --dry-run', 'sweep --yes'];

beforeEach(() => {
  cloud.partParameter = undefined;
  cloud.parameter = (installation) => {
    if (installation !== 'holdfast') throw new AwsError('ParameterNotFound', 'none');
    return deployedParameter()(installation);
  };
  const { pk, sk } = recordKeys.installation();
  cloud.items.set(`${pk}|${sk}`, { pk, sk, version: '0.1.0', configuration: JSON.stringify({ fleets: { web: {}, shop: {} } }) });
  cloud.started.length = 0;
});

describe('a command', () => {
  it.each(COMMANDS)('%s: a mistyped fleet is refused, with what there is', async (command) => {
    const { code, stdout, stderr } = await runCli(state.folder, [...command.split(' '), '--fleet', 'wbe', '--json']);
    const message =
      'Installation holdfast has no fleet wbe. It has web, shop. Did you mean web? Nothing was started or stopped. Choose one with --fleet.';
    expect([code, onlyLine(stdout), stderr]).toEqual([2, { error: { code: 'UnknownFleet', message } }, '']);
    expect([cloud.started, cloud.stopped]).toEqual([[], []]);
  });

  it.each(COMMANDS)('%s: a mistyped installation is refused', async (command) => {
    cloud.missingTables = ['holdfsat-records'];
    const { code, stdout } = await runCli(state.folder, [...command.split(' '), '--installation', 'holdfsat', '--json']);
    expect([code, onlyLine(stdout)]).toEqual([
      2,
      { error: { code: 'NoInstallation', message: expect.stringContaining('The local cloud has holdfast: use --installation holdfast.') } },
    ]);
    expect([cloud.started, cloud.stopped]).toEqual([[], []]);
  });
});

it('whose names cannot be read is not refused: nothing is on record', async () => {
  cloud.items.clear();
  expect((await runCli(state.folder, ['status', '--fleet', 'shop'])).code).toBe(0);
});

describe('where a store is watched without fleets', () => {
  beforeEach(() => {
    const { pk, sk } = recordKeys.installation();
    const configuration = JSON.stringify({ fleets: {}, incidents: { enabled: true } });
    cloud.items.set(`${pk}|${sk}`, { pk, sk, version: '0.1.0', configuration });
  });

  it.each(['deploys', 'deploy 1.1.0 --yes', 'releases', 'deploys abort --mine'])(
    '%s is refused, with the commands that work',
    async (command) => {
      const { code, stdout } = await runCli(state.folder, [...command.split(' '), '--json']);
      const message =
        'Installation holdfast has no fleet: Holdfast watches a session store there. Nothing was started or stopped. These commands need no fleet: store, sweep, sweeps, incidents, status, doctor, canary, config validate and version.';
      expect([code, onlyLine(stdout)]).toEqual([2, { error: { code: 'NoFleet', message } }]);
      expect(cloud.started).toEqual([]);
    },
  );

  it('status shows what is wrong with the store, and options name no fleet', async () => {
    const { code, stdout } = await runCli(state.folder, ['status']);
    expect(code).toBe(0);
    expect(stdout).toContain('session store');
    expect(stdout).toContain('Holdfast watches the session store alone: no fleet is configured.');
    expect(stdout).not.toContain('--fleet');
  });

  it('status says that nothing is deployed once only the table of records is left', async () => {
    cloud.partParameter = () => {
      throw new AwsError('ParameterNotFound', 'none');
    };
    const { stdout } = await runCli(state.folder, ['status']);
    expect(stdout).toContain(
      'Nothing of installation holdfast is deployed: its table of records is what is left, and nothing watches the store.',
    );
  });

  it.each(['sweeps', 'incidents'])('%s lists what there is', async (command) => {
    expect((await runCli(state.folder, [command, '--json'])).code).toBe(0);
  });

  it('a runbook is started without a fleet', async () => {
    await runCli(state.folder, ['incidents', 'run', 'session-explosion', '--dry-run', '--json']);
    expect(cloud.started.map(({ input }) => JSON.parse(String(input)) as object)).toEqual([
      expect.not.objectContaining({ fleet: expect.anything() }),
    ]);
  });

  it('a fleet that was asked for is refused all the same', async () => {
    const { code, stdout } = await runCli(state.folder, ['sweeps', '--fleet', 'web', '--json']);
    expect([code, onlyLine(stdout)]).toEqual([
      2,
      { error: { code: 'NoFleet', message: expect.stringContaining('has no fleet web, nor another one') } },
    ]);
  });
});

it('a command about the store needs no fleet where there are several', async () => {
  expect((await runCli(state.folder, ['sweeps', '--json'])).code).toBe(0);
});
