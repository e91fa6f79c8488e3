/** A second installation with two fleets next to the first: deploys at the same time, shares nothing, and is removed without leftovers. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { beforeAll, describe, expect, it } from 'vitest';
import { followDeploy } from '../../cli/deploy/follow-deploy.ts';
import type { HoldfastConfig } from '../../infra/config.ts';
import { NODE_EXAMPLE } from '../../lab/demo/app/examples.ts';
import { publishApp } from '../../lab/demo/publish-app.ts';
import { untilHealthy } from '../../lab/demo/wait-until-serving.ts';
import { until } from '../until.ts';
import { cdkFor, keptConfig } from './cdk.ts';
import { currentVersion, kept, publish, untilHealthy as untilFirstHealthy, versions } from './fleet.ts';
import { inventory, runProcesses } from './inventory.ts';
import { openCloud } from './open-cloud.ts';

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
