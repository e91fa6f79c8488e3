/** One permission is taken from each role that is no function's: AWS itself is refused what it does in that role's name. */
import { readFileSync, rmSync } from 'node:fs';
import { CreateSecretCommand, DeleteSecretCommand } from '@aws-sdk/client-secrets-manager';
import { GetExecutionHistoryCommand, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { DeleteParameterCommand, GetParameterCommand, GetParametersCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCalls } from '#local-aws/iam/calls.ts';
import { readRoles } from '#local-aws/iam/read-roles.ts';
import type { LifecycleAction } from '../../functions/shared/aws/auto-scaling.ts';
import { launchStateMachineName, rollTargetStateMachineName, terminateStateMachineName } from '../../functions/shared/naming.ts';
import { findExposedServers } from '../../lab/demo/find-exposed-servers.ts';
import { until } from '../until.ts';
import { noteDeliberate } from './deliberate-denials.ts';
import {
  cloud,
  currentVersion,
  GROUP,
  groupInstances,
  kept,
  runOn,
  secrets,
  ssm,
  statesOf,
  untilEnded,
  untilHealthy,
  versions,
} from './fleet.ts';
import { FULL } from './full-run.ts';
import { asked } from './hold-fleet.ts';
import { without } from './taken-permission.ts';
import { beginWaitingLaunch, beginWaitingTermination, endWaiting } from './waiting-launch.ts';

let roles: readonly string[];
beforeAll(async () => {
  await untilHealthy(3);
  roles = (await readRoles({ ...kept, installation: 'holdfast' })).map(({ role }) => role);
});
const roleLike = (part: string): string => {
  const found = roles.filter((role) => role.includes(part));
  expect(found).toHaveLength(1);
  return found[0] as string;
};

describe('the role of a state machine', () => {
  const event = { detail: { AutoScalingGroupName: GROUP, LifecycleHookName: 'any', LifecycleActionToken: 'any', EC2InstanceId: 'i-1' } };
  it.each([
    ['deploy', 'RollingDeployRole', 'holdfast-web-deploy', { version: '1.0.0' }],
    [
      'roll target',
      'RollingDeployRollTarget',
      rollTargetStateMachineName('holdfast', 'web'),
      { deploy: {}, lease: {}, step: { roll: {} } },
    ],
    ['launch', 'LifecycleLaunchRole', launchStateMachineName('holdfast', 'web'), event],
    ['terminate', 'LifecycleTerminateRole', 'holdfast-web-terminate', event],
  ])('without lambda:InvokeFunction: %s fails at its first function', async (_, part, name, input) => {
    const { stepFunctions, deployStateMachineArn } = await cloud();
    const stateMachineArn = deployStateMachineArn.replace(/[^:]+$/, name);
    const failure = await without(roleLike(part), 'lambda:InvokeFunction', async () => {
      const { executionArn } = await stepFunctions.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }));
      const failed = await until(async () => {
        const { events = [] } = await stepFunctions.send(new GetExecutionHistoryCommand({ executionArn }));
        return events.find(({ type }) => type === 'TaskFailed')?.taskFailedEventDetails;
      }, 'the task fails');
      // It would be tried again for half a minute.
      await stepFunctions.send(new StopExecutionCommand({ executionArn })).catch(() => {});
      return failed;
    });
    expect(failure).toMatchObject({
      error: 'Lambda.AWSLambdaException',
      cause: expect.stringContaining('is not authorized to perform: lambda:InvokeFunction'),
    });
  });
});

// Servers that launch and terminate, and two turns of the reconciler for each, take half a minute.
describe.runIf(FULL)('the role of a rule', () => {
  /** The event was lost: a later turn of the reconciler starts what it would have started. */
  async function untilReconciled(machine: string, { instanceId }: LifecycleAction) {
    const execution = `arn:aws:states:${kept.region}:000000000000:execution:${machine}:${instanceId}-reconciled-1`;
    await until(async () => {
      await asked('deploy-reconcile', { step: 'reconcile' });
      return statesOf(execution).catch(() => undefined);
    }, `${machine} is started for ${instanceId}`);
    // The next turn finds that execution running, and starts no other.
    await asked('deploy-reconcile', { step: 'reconcile' });
    return untilEnded(execution);
  }

  let waiting: LifecycleAction | undefined;
  afterAll(async () => {
    if (waiting) await endWaiting(waiting);
  });

  it('without states:StartExecution: nothing is installed on a launching instance, until the reconciler finds it', async () => {
    waiting = await without(roleLike('LifecycleLaunchByName'), 'states:StartExecution', beginWaitingLaunch);
    expect(await versions()).not.toHaveProperty(waiting.instanceId);
    await expect(untilReconciled(launchStateMachineName('holdfast', 'web'), waiting)).resolves.toMatchObject({ status: 'SUCCEEDED' });
    expect((await versions())[waiting.instanceId]).toBe(await currentVersion());
  });

  it('without states:StartExecution: nobody lets a terminating instance go, until the reconciler finds it', async () => {
    const leaving = waiting as LifecycleAction;
    await without(roleLike('LifecycleTerminateByName'), 'states:StartExecution', () => beginWaitingTermination(leaving));
    await expect(untilReconciled(terminateStateMachineName('holdfast', 'web'), leaving)).resolves.toMatchObject({ status: 'SUCCEEDED' });
  });
});

/** What a script prints that runs on a server as root. */
async function onServer(script: string): Promise<string> {
  const [instance] = await groupInstances();
  const [printed = ''] = await runOn([instance?.id as string], script);
  return printed;
}

describe("the application's process", () => {
  it("reads a parameter with its server's credentials, if it got them, and is denied", async () => {
    await ssm.send(new PutParameterCommand({ Name: '/payment/key', Value: 'a secret', Type: 'SecureString', Overwrite: true }));
    // By a file: what a command prints is kept.
    const file = await onServer(`
      umask 077; file="$HOLDFAST_ROOT/run/of-a-test"
      printf "%s %s %s" "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" "$AWS_SESSION_TOKEN" >"$file"; printf "%s" "$file"`);
    const [accessKeyId = '', secretAccessKey = '', sessionToken = ''] = readFileSync(file, 'utf8').split(' ');
    rmSync(file);
    const { region, endpoint } = ssm.config;
    const server = new SSMClient({ region, endpoint, credentials: { accessKeyId, secretAccessKey, sessionToken } });
    try {
      const reads = [
        new GetParameterCommand({ Name: '/payment/key', WithDecryption: true }),
        new GetParametersCommand({ Names: ['/payment/key'], WithDecryption: true }),
      ];
      for (const read of reads)
        await expect(server.send(read as GetParameterCommand)).rejects.toMatchObject({
          name: 'AccessDeniedException',
          message: expect.stringContaining('explicit deny'),
        });
    } finally {
      server.destroy();
      const role = roleLike('InstanceRole');
      const refused = readCalls(kept.runFolder).filter(
        ({ principal, action }) => principal === role && action.startsWith('ssm:GetParameter'),
      );
      noteDeliberate(kept.runFolder, refused);
      await ssm.send(new DeleteParameterCommand({ Name: '/payment/key' }));
    }
  });

  it("asks for credentials with its own environment, and for the machine's agent, and gets neither", async () => {
    const printed = await onServer(`
      pid=$(systemctl status holdfast-app | sed -n "s/.*Main PID: //p")
      python3 -I - "$pid" <<'END'
import subprocess
import sys

# The process's environment, and nothing else. It has a password, which no argument may have.
with open("/proc/%s/environ" % sys.argv[1], "rb") as file:
    environment = dict(pair.split(b"=", 1) for pair in file.read().split(b"\\0") if b"=" in pair)
for line in ("aws secretsmanager get-secret-value --secret-id any", "systemctl stop holdfast-app", "amazon-ssm-agent -register"):
    subprocess.run(line.split(), env=environment, stderr=subprocess.STDOUT, timeout=30)
END`);
    expect(printed).toMatch(/Could not load credentials.*\n.*systemctl: access denied.*\n.*amazon-ssm-agent: access denied/);
  });

  it('is reached from another machine, and does not listen there', async () => {
    expect(await findExposedServers(kept.runFolder)).toEqual([]);
  });
});

describe('the role of an instance', () => {
  it('without secretsmanager:GetSecretValue: its password is not fetched', async () => {
    const fetchSecret = () =>
      onServer(
        'set -a; . "$HOLDFAST_ROOT/etc/instance.env"; aws secretsmanager get-secret-value --secret-id "$STORE_SECRET_ARN" --query ARN --output text 2>&1',
      );
    const taken = 'secretsmanager:GetSecretValue';
    expect(await without(roleLike('InstanceRole'), taken, fetchSecret)).toContain(`is not authorized to perform: ${taken}`);
    expect(await fetchSecret()).toMatch(/^arn:aws:secretsmanager:/);
  });

  it('a server of one fleet that reads the secret of another is refused', async () => {
    const role = roleLike('InstanceRole');
    const { ARN } = await secrets.send(
      new CreateSecretCommand({ Name: 'ApplicationSecret-of-another-fleet', SecretString: '{"password":"of another fleet"}' }),
    );
    try {
      const [instance] = await groupInstances();
      const [printed] = await runOn(
        [instance?.id as string],
        `AWS_DEFAULT_REGION=$AWS_SSM_REGION_NAME aws secretsmanager get-secret-value --secret-id '${ARN}' 2>&1 || true`,
      );
      expect(printed).toContain('is not authorized to perform: secretsmanager:GetSecretValue');
      expect(printed).not.toContain('of another fleet"');
    } finally {
      await secrets.send(new DeleteSecretCommand({ SecretId: ARN, ForceDeleteWithoutRecovery: true }));
      noteDeliberate(
        kept.runFolder,
        readCalls(kept.runFolder).filter(
          ({ principal, action, allowed }) => principal === role && action === 'secretsmanager:GetSecretValue' && !allowed,
        ),
      );
    }
  });
});
