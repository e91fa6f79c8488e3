/** A second installation with two fleets next to the first: deploys at the same time, shares nothing, and is removed without leftovers. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { IAMClient, ListRolesCommand, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCalls } from '#local-aws/iam/calls.ts';
import { followDeploy } from '../../cli/deploy/follow-deploy.ts';
import type { DeployContext } from '../../functions/deploy/contract/common.ts';
import { functionName, releasesBucketName } from '../../functions/shared/naming.ts';
import type { HoldfastConfig } from '../../infra/config.ts';
import { NODE_EXAMPLE } from '../../lab/demo/app/examples.ts';
import { publishApp } from '../../lab/demo/publish-app.ts';
import { untilHealthy } from '../../lab/demo/wait-until-serving.ts';
import { until } from '../until.ts';
import { cdkFor, keptConfig } from './cdk.ts';
import { noteDeliberate } from './deliberate-denials.ts';
import { currentVersion, kept, publish, targetHealth, untilHealthy as untilFirstHealthy, versions } from './fleet.ts';
import { inventory, runProcesses } from './inventory.ts';
import { openCloud } from './open-cloud.ts';

const client = { region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials };
const iam = new IAMClient(client);
const lambda = new LambdaClient(client);
const FLEETS = ['one', 'two'] as const;
const signal = new AbortController().signal;

/** Small: a server a fleet, a store of two nodes. */
function secondConfig(): HoldfastConfig {
  const first = keptConfig();
  const web = first.fleets['web'] as HoldfastConfig['fleets'][string];
  const small = { ...web, minCapacity: 1, maxCapacity: 2, deploy: { ...web.deploy, minimumHealthyTargets: 0 } };
  const store = { ...first.store, replicas: 1 } as HoldfastConfig['store'];
  return { ...first, installation: 'second', store, fleets: { one: small, two: small } };
}

const of = (fleet: string) => openCloud({ installation: 'second', fleet });

async function roll(fleet: string, version: string) {
  const cloud = await of(fleet);
  const { executionArn = '' } = await cloud.stepFunctions.send(
    new StartExecutionCommand({ stateMachineArn: cloud.deployStateMachineArn, input: JSON.stringify({ version, recover: true }) }),
  );
  return followDeploy(cloud, executionArn, () => {});
}

let before: Awaited<ReturnType<typeof inventory>>;
let processesBefore: string[];
let foldersBefore: string[];
const instanceFolders = () => readdirSync(path.join(kept.runFolder, 'instances')).toSorted();

beforeAll(async () => {
  await untilFirstHealthy(3);
  before = await inventory();
  processesBefore = runProcesses();
  foldersBefore = instanceFolders();
  await cdkFor('second', secondConfig()).deploy();
  const app = await NODE_EXAMPLE();
  for (const fleet of FLEETS) {
    const cloud = await of(fleet);
    await publishApp({ cloud, app, version: '1.0.0', runFolder: path.join(kept.runFolder, 'cdk', fleet), signal });
    await untilHealthy(cloud, 1, signal);
    await publishApp({ cloud, app, version: '2.0.0', runFolder: path.join(kept.runFolder, 'cdk', fleet), signal });
  }
}, 400_000);
afterAll(() => {
  iam.destroy();
  lambda.destroy();
});

describe('fleets and installations', () => {
  it('deploy at the same time, each with its own lock, records and release', { timeout: 240_000 }, async () => {
    const first = await currentVersion();
    await publish('9.0.0');
    const web = await openCloud({ fleet: 'web' });
    const { executionArn = '' } = await web.stepFunctions.send(
      new StartExecutionCommand({ stateMachineArn: web.deployStateMachineArn, input: JSON.stringify({ version: '9.0.0' }) }),
    );
    const [one, two, webEnded] = await Promise.all([roll('one', '2.0.0'), roll('two', '2.0.0'), followDeploy(web, executionArn, () => {})]);
    expect([one, two, webEnded].map((ended) => [ended?.status, ended?.message])).toEqual([
      ['SUCCEEDED', undefined],
      ['SUCCEEDED', undefined],
      ['SUCCEEDED', undefined],
    ]);
    expect(first).not.toBe('9.0.0');
    expect(new Set(Object.values(await versions()))).toEqual(new Set(['9.0.0']));
    for (const fleet of FLEETS) {
      const { records } = await of(fleet);
      expect((await records.getFleet(fleet))?.currentVersion).toBe('2.0.0');
      expect(await records.getFleet('web')).toBeUndefined();
      expect(await records.getRelease(fleet, '9.0.0')).toBeUndefined();
    }
  });

  describe("a fleet's role", () => {
    const ask = async (name: string, request: object) => {
      const FunctionName = `${functionName('second', 'one', name)}:live`;
      const reply = await lambda.send(new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(request)) }));
      return JSON.parse(Buffer.from(reply.Payload ?? []).toString()) as Record<string, unknown>;
    };
    const validDeploy = async () => {
      const executionName = `apart-${Date.now()}`;
      const execution = {
        executionName,
        executionArn: `arn:aws:states:::execution:any:${executionName}`,
        startTime: new Date().toISOString(),
      };
      return (await ask('deploy-control', { step: 'validate', input: { version: '2.0.0' }, ...execution })) as unknown as DeployContext;
    };
    // What these tests are refused on purpose: the calls of the first fleet's roles on what is not theirs.
    afterAll(async () => {
      const refused = () =>
        readCalls(kept.runFolder).filter(
          ({ principal, action, allowed }) =>
            !allowed && principal.includes(':role/second-one-deploy-') && ['dynamodb:GetItem', 'ssm:SendCommand'].includes(action),
        );
      await until(async () => refused().length >= 3, 'the refusals are on record', 10_000);
      noteDeliberate(kept.runFolder, refused());
    });
    const denied = (action: string) => ({
      errorType: expect.stringMatching(/^AccessDenied/),
      errorMessage: expect.stringContaining(`not authorized to perform: ${action}`),
    });

    it('may not write the records of the other fleet of its installation', async () => {
      // It reads the deploy's record before it writes the lock, and is refused that already.
      const deploy = await validDeploy();
      expect(await ask('deploy-control', { step: 'acquireLock', deploy: { ...deploy, fleet: 'two' } })).toMatchObject(
        denied('dynamodb:GetItem'),
      );
      const records = (await of('two')).records;
      expect((await records.getLock('two'))?.deployId).toBeUndefined();
    });

    it("may not send commands to the other fleet's instances, nor to the other installation's", async () => {
      const deploy = await validDeploy();
      const lease = await ask('deploy-control', { step: 'acquireLock', deploy });
      try {
        const [two] = await (await of('two')).records.getInstances('two');
        for (const instanceId of [two?.instanceId, Object.keys(await targetHealth())[0]]) {
          const roll = { instanceId, quietSeconds: 1, phaseStartedAtMs: Date.now() };
          expect(await ask('deploy-command', { step: 'sendReadiness', deploy, lease, roll }), instanceId).toMatchObject(
            denied('ssm:SendCommand'),
          );
        }
      } finally {
        await ask('deploy-control', { step: 'releaseLock', deploy, lease });
      }
    });

    it("of an instance may read its own releases, not the other fleet's", async () => {
      const { Roles = [] } = await iam.send(new ListRolesCommand({ MaxItems: 1000 }));
      const role = Roles.find(({ RoleName }) => RoleName?.startsWith('second-one-web-tier-InstanceRole'));
      const bucket = `arn:aws:s3:::${releasesBucketName('second', '000000000000', kept.region)}`;
      const { EvaluationResults = [] } = await iam.send(
        new SimulatePrincipalPolicyCommand({
          PolicySourceArn: role?.Arn,
          ActionNames: ['s3:GetObject'],
          ResourceArns: ['one', 'two'].map((fleet) => `${bucket}/${fleet}/2.0.0/release.tar.gz`),
        }),
      );
      expect(EvaluationResults.map(({ EvalDecision }) => EvalDecision)).toEqual(['allowed', 'implicitDeny']);
    });
  });
});

describe('`cdk destroy` of an ephemeral installation', () => {
  it('leaves nothing of it, and the other installation as it was', { timeout: 300_000 }, async () => {
    const during = await inventory();
    const made = during['stacks']?.filter((name) => !before['stacks']?.includes(name));
    const own = ['network', 'releases', 'session-store', 'alarms', 'store-operations', 'incidents'];
    const ofFleets = FLEETS.flatMap((fleet) => [`${fleet}-web-tier`, `${fleet}-deploy`]);
    expect(made).toEqual([...own, ...ofFleets].map((name) => `second-${name}`).toSorted());
    await cdkFor('second', secondConfig()).destroy();
    await until(async () => instanceFolders().length <= foldersBefore.length, 'the instances are gone');
    expect(await inventory()).toEqual(before);
    expect(runProcesses()).toEqual(processesBefore);
    expect(instanceFolders()).toEqual(foldersBefore);
    await untilFirstHealthy(3);
  });

  it('lets it be deployed again under the same name', { timeout: 300_000 }, async () => {
    const cdk = cdkFor('second', secondConfig());
    const stacks = ['second-network', 'second-alarms', 'second-session-store', 'second-releases'];
    await cdk.deploy(stacks);
    await cdk.destroy(stacks);
    expect(await inventory()).toEqual(before);
  });
});
