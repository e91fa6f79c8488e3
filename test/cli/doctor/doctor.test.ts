import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { AwsError, type LocalService } from '#local-aws/service/service.ts';
import { type Report, renderFindings } from '../../../cli/doctor/doctor.ts';
import { type AnnouncedCloud, withAnnouncedCloud } from '../announced-cloud.ts';
import { makeStateFolder, onlyLine, runCli, spawnCli } from '../run-cli.ts';

let cloud: AnnouncedCloud['cloud'];
let state: AnnouncedCloud['state'];
let configFile: string;

const writeConfig = (config: object) => writeFileSync(configFile, JSON.stringify(config));

/** Nobody may read of topics here. */
const sns: LocalService = {
  signingNames: ['sns'],
  protocol: { kind: 'query', xmlNamespace: 'http://sns.amazonaws.com/doc/2010-03-31/' },
  operations: {
    GetTopicAttributes: () => {
      throw new AwsError('AuthorizationError', 'User: ann is not authorized to perform: SNS:GetTopicAttributes', 403);
    },
  },
  resourceTypes: {},
  notEmulated: [],
  stop: async () => {},
};

withAnnouncedCloud(
  (announced) => {
    ({ cloud, state } = announced);
    const runFolder = path.join(state.folder, 'run');
    mkdirSync(runFolder, { recursive: true });
    configFile = path.join(runFolder, 'holdfast.config.json');
    writeConfig({ fleets: { web: { allowPlainHttp: true } } });
    cloud.announce(state.folder, { runFolder });
    cloud.alarmsError = new AwsError('AccessDenied', 'User: ann is not authorized to perform: cloudwatch:DescribeAlarms');
  },
  [sns],
);

describe('doctor', () => {
  it('prints one line when it can read only the records, and exits with 4', async () => {
    const { code, stdout } = await spawnCli(state.folder, ['doctor', '--json']);
    const { fleet, cloud: where, findings, worst } = onlyLine(stdout) as Report;
    expect([code, fleet, where, worst]).toEqual([4, 'web', { local: true, account: '000000000000', region: 'us-east-1' }, 'unknown']);
    const unread = findings.filter(({ check }) => check === 'could-not-read').map(({ what }) => what);
    expect(unread).toContainEqual(
      expect.stringMatching(/^could not read target group holdfast-web: .*elasticloadbalancing:DescribeTargetGroups/),
    );
    expect(unread).toContain('could not read topic holdfast-alarms: the credentials do not allow sns:GetTopicAttributes');
    expect(findings.find(({ check }) => check === 'lock')).toMatchObject({ severity: 'ok' });
    for (const finding of findings) expect(Object.keys(finding)).toEqual(['check', 'severity', 'what', 'why', 'fix', 'resource']);
  });

  it.each([
    [['--fail-on', 'warning'], 4],
    [['--fail-on', 'error'], 0],
  ])('with %j exits with %i for what is not an error', async (args, exitCode) => {
    expect((await runCli(state.folder, ['doctor', '--json', ...args])).code).toBe(exitCode);
  });

  it('refuses another severity to fail on, before it checks anything', async () => {
    const { code, stdout } = await runCli(state.folder, ['doctor', '--json', '--fail-on', 'notice']);
    const message = '--fail-on "notice" is not a severity that can fail the command. Nothing was checked. Use warning or error.';
    expect([code, onlyLine(stdout)]).toEqual([2, { error: { code: 'InvalidOption', message } }]);
  });

  it('names the action of a missing permission', async () => {
    cloud.denied = true;
    const { findings } = onlyLine((await runCli(state.folder, ['doctor', '--json'])).stdout) as Report;
    cloud.denied = false;
    expect(findings.map(({ what }) => what)).toContainEqual(
      'could not read table holdfast-records: the credentials do not allow dynamodb:GetItem',
    );
  });

  it.each([
    [
      'a Region that is not the configuration’s',
      ['--region', 'eu-west-1', '--config', 'FILE'],
      2,
      'WrongRegion',
      /--region is eu-west-1, but the region in .* is us-east-1/,
    ],
    ['a fleet that is not in the configuration', ['--fleet', 'shop'], 2, 'UnknownFleet', /has no fleet shop\. It has web/],
    ['a configuration that is refused', ['--config', '/nowhere/x.json'], 2, 'InvalidConfiguration', /cannot be read/],
  ])('refuses %s', async (_, args, exitCode, error, message) => {
    const given = args.map((arg) => (arg === 'FILE' ? configFile : arg));
    const { code, stdout } = await runCli(state.folder, ['doctor', '--json', ...given]);
    expect([code, onlyLine(stdout)]).toEqual([exitCode, { error: { code: error, message: expect.stringMatching(message) } }]);
  });

  it('requires --fleet when there are several fleets', async () => {
    writeConfig({ fleets: { web: { allowPlainHttp: true }, shop: { allowPlainHttp: true } } });
    const { code, stderr } = await runCli(state.folder, ['doctor', '--config', configFile]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('several fleets. It has web, shop. Choose one with --fleet.')]);
  });

  it('reports that no cloud is running', async () => {
    const nobody = makeStateFolder();
    const { code, stderr } = await runCli(nobody.folder, ['doctor']);
    nobody.remove();
    expect([code, stderr]).toEqual([3, expect.stringContaining('No local cloud is running')]);
  });

  it('has examples and its exit codes in its help', async () => {
    const { code, stdout } = await runCli(state.folder, ['doctor', '--help']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('$ ./holdfast doctor --region us-east-1')]);
    expect(stdout).toContain('  4  warnings, or something that doctor could not read');
  });
});

describe('the report as text', () => {
  const finding = { what: 'what', why: 'why', fix: 'fix', resource: 'r' };

  it('has one line for a healthy check, three for a problem, and the worst last', () => {
    const text = renderFindings([
      { ...finding, check: 'a', severity: 'error' },
      { ...finding, check: 'b', severity: 'ok' },
      { ...finding, check: 'c', severity: 'warning' },
      { ...finding, check: 'd', severity: 'notice', fix: '' },
      { ...finding, check: 'e', severity: 'warning' },
    ]);
    expect(text.split('\n')).toEqual([
      '✓ b: what',
      '· d: what',
      '  why: why',
      '! c: what',
      '  why: why',
      '  fix: fix',
      '! e: what',
      '  why: why',
      '  fix: fix',
      '✗ a: what',
      '  why: why',
      '  fix: fix',
      '',
      '1 error, 2 warnings, 1 notice, 1 ok',
    ]);
  });
});
