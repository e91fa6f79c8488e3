/** The runbook's commands as an operator types them: the real AWS CLI, in a real shell, against the fleet of the local cloud. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { CloudFormationClient, CreateStackCommand, DeleteStackCommand } from '@aws-sdk/client-cloudformation';
import { DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  CreateReplicationGroupCommand,
  CreateUserCommand,
  DeleteReplicationGroupCommand,
  DeleteUserCommand,
  DescribeReplicationGroupsCommand,
} from '@aws-sdk/client-elasticache';
import { CreateSecretCommand, DeleteSecretCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { names } from '../../cli/installation/names.ts';
import { targetGroupName } from '../../functions/shared/naming.ts';
import { recordingOutput } from '../../lab/demo/recording-output.ts';
import { ensureAwsClients } from '../../setup/set-up.mjs';
import { readRunbook } from '../runbook.ts';
import { until } from '../until.ts';
import { elastiCache, elb, GROUP, groupInstances, kept, secrets, startDeploy, untilEnded } from './fleet.ts';
import { snippetsOf } from './runbook/snippets.ts';

const OWN = 'runbook-commands';
const PASSWORD = 'a-password-of-the-runbook';
const snippets = snippetsOf(readRunbook());

/** Commands that are no more than a part of one, or need what is not here. */
const NOT_RUN: readonly RegExp[] = [
  /^aws ssm start-session/,
  /^aws elasticache delete-snapshot$/,
  // It deletes the stacks of a fleet.
  /^ *for stack in "\$name-deploy"/m,
  // The fleet has no canary.
  /^aws logs tail "\/aws\/lambda\/\$installation-\$fleet-canary"/,
];
/** Commands whose placeholder has to be refused: what they would do to the fleet is not wanted here. */
const REFUSED: readonly (readonly [command: RegExp, refusal: RegExp])[] = [
  [/update-item[\s\S]*DEPLOY_ID/, /ConditionalCheckFailed/],
  [/terminate-instance-in-auto-scaling-group/, /ValidationError/],
  // For a group that fails over by itself there is nothing to promote.
  [/--primary-cluster-id NODE/, /automatic failover enabled/],
  [/^aws cloudformation delete-stack/, /TerminationProtection/i],
  [/detach-role-policy --role-name ROLE/, /NoSuchEntity/],
];

let environment: NodeJS.ProcessEnv;
const cloudFormation = new CloudFormationClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials });

beforeAll(async () => {
  const bin = path.join(kept.runFolder, OWN);
  mkdirSync(bin, { recursive: true });
  writeFileSync(path.join(bin, 'aws'), `#!/bin/sh\nexec '${await ensureAwsClients()}' -m awscli --endpoint-url "$AWS_ENDPOINT_URL" "$@"\n`);
  chmodSync(path.join(bin, 'aws'), 0o755);
  environment = {
    PATH: `${bin}:${process.env['PATH']}`,
    HOME: bin,
    AWS_ENDPOINT_URL: kept.gatewayUrl,
    AWS_DEFAULT_REGION: kept.region,
    AWS_SHARED_CREDENTIALS_FILE: kept.credentialsFile,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
    PYTHONDONTWRITEBYTECODE: '1',
  };
  const refused = await startDeploy({ version: 'never-published' });
  await untilEnded(refused);
  // What the commands change is not the fleet's: a store, a user, a secret and a stack of this file's own.
  await elastiCache.send(
    new CreateUserCommand({ UserId: OWN, UserName: OWN, Engine: 'valkey', AccessString: 'on ~* +get', Passwords: [PASSWORD] }),
  );
  await elastiCache.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: OWN,
      ReplicationGroupDescription: OWN,
      Engine: 'valkey',
      CacheNodeType: 'cache.t4g.micro',
      NumCacheClusters: 2,
      AutomaticFailoverEnabled: true,
    }),
  );
  const secret = await secrets.send(new CreateSecretCommand({ Name: OWN, SecretString: '{}' }));
  const template = { Resources: { Topic: { Type: 'AWS::SNS::Topic' } } };
  await cloudFormation.send(
    new CreateStackCommand({ StackName: `${OWN}-stack`, TemplateBody: JSON.stringify(template), EnableTerminationProtection: true }),
  );
  await untilAvailable();
  const [first] = await groupInstances();
  const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({ Names: [targetGroupName('holdfast', 'web')] }));
  // What an operator's shell has from the sections before; passwords are in the environment and not in a command line.
  Object.assign(environment, {
    AWS_REGION: kept.region,
    installation: 'holdfast',
    fleet: 'web',
    records: 'holdfast-records',
    sessions_group: 'web',
    name: 'holdfast-web',
    group: GROUP,
    target_group: TargetGroups[0]?.TargetGroupArn,
    load_balancer_dimension: 'app/web/0123456789abcdef',
    store: OWN,
    secret: secret.ARN,
    old: PASSWORD,
    new: `${PASSWORD}-2`,
    instance: first?.id,
    own: OWN,
  });
}, 180_000);

afterAll(async () => {
  await secrets.send(new DeleteSecretCommand({ SecretId: OWN, ForceDeleteWithoutRecovery: true }));
  // A command of the runbook deletes it.
  await elastiCache.send(new DeleteReplicationGroupCommand({ ReplicationGroupId: OWN })).catch((error) => {
    if (error.name !== 'ReplicationGroupNotFoundFault') throw error;
  });
  await elastiCache.send(new DeleteUserCommand({ UserId: OWN }));
  await cloudFormation.send(new DeleteStackCommand({ StackName: `${OWN}-stack` }));
  cloudFormation.destroy();
});

const untilAvailable = () =>
  until(async () => {
    const { ReplicationGroups = [] } = await elastiCache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: OWN }));
    return ReplicationGroups[0]?.Status === 'available' ? true : undefined;
  }, 'the store of this file');

/** What an operator replaces; the rest stays as it is printed. */
const filledIn = (script: string): string =>
  script
    .replaceAll(/\$\(\.\/holdfast status --names (\w+)\)/g, '$$$1')
    .replaceAll('eu-west-1', kept.region)
    .replaceAll('"deployId":"ID"', '"deployId":"runbook"')
    .replaceAll('--user-id "$installation-app-$sessions_group"', '--user-id "$own"')
    // The protection of an installation is a stack of this file's own.
    .replaceAll('"$installation-termination-protection"', '"$own-stack"')
    .replaceAll('stack=$installation-session-store', 'stack=$own-stack')
    .replaceAll('--primary-cluster-id NODE', '--primary-cluster-id "$own-002"')
    // Version 1 of the AWS CLI, which is what there is on PyPI, has no `logs tail`: what counts is that the log group exists.
    .replaceAll(/aws logs tail (--region \S+ )?(\S+) --since \S+/g, 'aws logs describe-log-streams $1--max-items 1 --log-group-name $2')
    .replace(/(set-instance-health .*)i-0123456789abcdef0/, '$1"$instance"');

async function run(script: string): Promise<{ code: number; printed: string; errors: string }> {
  // A queue, a state machine and the like are found by a block before it in the section.
  const before = snippets
    .slice(
      0,
      snippets.findIndex((snippet) => snippet.script === script),
    )
    .filter(({ heading }) => heading === headingOf(script));
  const found = before.flatMap(({ script: other }) => other.split('\n')).filter(isMissing);
  const whole = ['set -eu -o pipefail', ...found.map(filledIn), filledIn(script)].join('\n');
  return promisify(execFile)('bash', ['-c', whole], { env: environment, timeout: 120_000 }).then(
    ({ stdout, stderr }) => ({ code: 0, printed: stdout, errors: stderr }),
    (error) => ({ code: Number(error.code ?? 1), printed: error.stdout, errors: error.stderr }),
  );
}

/** A variable that an operator's shell has by then, and this file has not set. */
const isMissing = (line: string): boolean => {
  const [, name] = /^(\w+)=/.exec(line) ?? [];
  return name !== undefined && !(name in environment) && !line.endsWith('\\');
};

const headingOf = (script: string): string => snippets.find((snippet) => snippet.script === script)?.heading ?? '';

it('has found the runbook’s commands', () => {
  expect(snippets.length).toBeGreaterThan(30);
});

it('each name that they read is one that the fleet has, and as AWS has it', async () => {
  const asked = [...readRunbook().matchAll(/status --names (\w+)\)/g)].map(([, name = '']) => name);
  expect(asked.length).toBeGreaterThan(10);
  const { output } = recordingOutput();
  const all = recordingOutput();
  await names({ names: true }, all.output);
  const { names: found } = all.result as { names: Record<string, string> };
  for (const name of asked) await names({ names: name }, output);
  expect(found).toMatchObject({
    ...{ AWS_REGION: kept.region, installation: 'holdfast', fleet: 'web', name: 'holdfast-web', group: GROUP, records: 'holdfast-records' },
    ...{ target_group: environment['target_group'], store: 'holdfast-sessions' },
  });
  expect(found['load_balancer']).toMatch(new RegExp(`:loadbalancer/${found['load_balancer_dimension']}$`));
  await expect(names({ names: 'none' }, output)).rejects.toMatchObject({ code: 'NoSuchName' });
});

const runnable = snippets.filter(({ script }) => !NOT_RUN.some((command) => command.test(script)));

it.each(runnable.map(({ heading, script }) => ({ heading, command: script.trim().split('\n')[0], script })))(
  '$heading: $command',
  { timeout: 150_000 },
  async ({ script }) => {
    const { code, errors } = await run(script);
    const refusal = REFUSED.find(([command]) => command.test(script))?.[1];
    if (refusal) expect(errors).toMatch(refusal);
    else expect({ code, errors: errors.trim() }).toEqual({ code: 0, errors: '' });
    if (/modify-replication-group/.test(script)) await untilAvailable();
  },
);
