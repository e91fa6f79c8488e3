import { globSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { canaryConfig } from '../../infra/canary-config.ts';
import { makeStateFolder, onlyLine, runCli } from '../run-cli.ts';

const REPOSITORY = path.resolve(import.meta.dirname, '../../..');
const state = makeStateFolder();
afterAll(() => state.remove());

function write(name: string, content: unknown): string {
  const file = path.join(state.folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

describe.concurrent('config validate', () => {
  it.each(['holdfast.config.json', ...globSync('examples/**/*.config.json', { cwd: REPOSITORY })])('%s is valid', async (file) => {
    const { code, stdout } = await runCli(state.folder, ['config', 'validate', path.join(REPOSITORY, file), '--json']);
    expect([code, onlyLine(stdout)]).toEqual([0, expect.objectContaining({ valid: true, fleets: expect.arrayContaining(['web']) })]);
  });

  it('accepts $schema, and shows what a synthesis warns of', async () => {
    const file = write('schema.json', {
      $schema: './holdfast.schema.json',
      fleets: { web: { allowPlainHttp: true, strategy: 'sticky', minCapacity: 6 } },
    });
    const { code, stdout } = await runCli(state.folder, ['config', 'validate', file]);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/is valid: installation holdfast in us-east-1, fleet web\nwarning {2}fleets\.web\./),
    ]);
  });

  it.each<[string, unknown, string]>([
    ['an unknown key', { fleets: { web: { allowPlainHttp: true } }, flets: {} }, 'is no key of a configuration'],
    ['$schema that is no text', { $schema: 1, fleets: { web: { allowPlainHttp: true } } }, 'is no key of a configuration'],
    ['no JSON', '{', 'is not valid JSON'],
    ['a list', [], 'is not valid'],
    ['a fleet without a certificate', { fleets: { web: {} } }, 'certificateArn'],
  ])('refuses %s', async (name, content, message) => {
    const { code, stdout } = await runCli(state.folder, ['config', 'validate', write(`${name}.json`, content), '--json']);
    expect([code, onlyLine(stdout)]).toEqual([2, { error: { code: 'InvalidConfiguration', message: expect.stringContaining(message) } }]);
  });

  it("finds the configuration as the other commands do, and shows a canary's warnings too", async () => {
    const existing = {
      vpcId: 'vpc-0123456789abcdef0',
      webSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
      storeSubnetIds: ['subnet-0123456789abcdef2', 'subnet-0123456789abcdef3'],
    };
    const elb = 'arn:aws:elasticloadbalancing:us-east-1:111122223333:';
    const web = {
      canary: canaryConfig(),
      existing: {
        targetGroupArn: `${elb}targetgroup/web/0123456789abcdef`,
        loadBalancerArn: `${elb}loadbalancer/app/web/0123456789abcdef`,
        autoScalingGroupName: 'web',
        instanceRoleName: 'web',
        instanceSecurityGroupId: 'sg-0123456789abcdef0',
      },
    };
    const file = write('canary.json', { network: { existing }, fleets: { web } });
    const { code, stdout, stderr } = await runCli(state.folder, ['config', 'validate'], { HOLDFAST_CONFIG: file });
    expect([code, stderr, stdout]).toEqual([
      0,
      '',
      expect.stringMatching(/canary\.json is valid.*\n(.*\n)*warning {2}fleets\.web\.canary/),
    ]);
  });

  it('refuses a file that does not exist', async () => {
    const { code, stderr } = await runCli(state.folder, ['config', 'validate', '/nowhere/x.json']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('/nowhere/x.json cannot be read (ENOENT)')]);
  });
});
