/** First boot as on AWS: the agent is online long before user data has ended, and dnf meets a lock or a bad mirror. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PackageTrouble } from '#local-aws/instances/package-manager.ts';
import { release } from '#local-aws/test/instances/fixture-release.ts';
import { type ObserveOutput, observeOutput } from '../../../functions/instance/document-contract.ts';
import { type TestFleet, USER_DATA } from '../../../lab/demo/test/aws/instances/test-fleet.ts';
import { documentContent } from '../../../server/documents/deploy-documents.ts';
import { FULL } from '../../e2e/full-run.ts';
import { until } from '../../until.ts';
import { runStep } from './run-step.ts';
import { startWarmFleet } from './warm-machines.ts';

let fleet: TestFleet;
/** What the next calls of dnf meet, one after the other; then nothing. */
let troubles: PackageTrouble[];
let calls: number;

beforeAll(async () => {
  fleet = await startWarmFleet({
    trouble: () => {
      calls += 1;
      return troubles.shift();
    },
  });
});
beforeEach(() => {
  troubles = [];
  calls = 0;
});
afterAll(() => fleet.stop());

/** Its pauses between attempts are on record, and short. */
const PAUSE = 'sleep() { echo "$1" >>"$HOLDFAST_ROOT/pauses"; command sleep 0.05; }';
const QUICK = USER_DATA.replace('set -euo pipefail', (line) => `${line}\n${PAUSE}`);
const SLOW = { kind: 'slow', ms: 20_000 } as const;

async function boot(userData = QUICK) {
  const { launch } = fleet.instances;
  const facts = { tags: {}, imageId: 'ami', instanceType: 't', availabilityZone: 'us-east-1a', name: 'test' };
  const { instanceId, port, booted } = await launch({ userData, ...facts });
  const folder = fleet.instances.get(instanceId)?.folder ?? '';
  const state = () => (existsSync(join(folder, STATE)) ? readFileSync(join(folder, STATE), 'utf8').split('\n') : []);
  return { instanceId, port, booted, folder, state };
}
const STATE = 'opt/holdfast/etc/user-data-state';

/** What a deploy and a launch wait with. */
async function prepared(instanceId: string, seconds = '0.3'): Promise<ObserveOutput> {
  const outcome = await fleet.run(instanceId, 'test-observe', { attempts: '0', intervalSeconds: seconds, confirmSeconds: '0' });
  return observeOutput.parse(JSON.parse(outcome.StandardOutputContent));
}

describe('while user data installs packages', () => {
  it('the agent is online, the placeholder answers, and the document reports what user data does', async () => {
    troubles = [SLOW];
    const { instanceId, port, state } = await boot();
    expect(fleet.instances.get(instanceId)?.online).toBe(true);
    await until(async () => (await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined))?.status === 200);
    await until(() => state()[1]?.startsWith('installing') ?? false);
    expect(await prepared(instanceId)).toMatchObject({ preparing: 'installing package nodejs24', version: 'none' });
  });

  it('the document waits for its end', async () => {
    troubles = [{ kind: 'slow', ms: 800 }];
    const { instanceId } = await boot();
    const output = await prepared(instanceId, '10');
    expect([output.preparing, output.preparationFailed]).toEqual([undefined, undefined]);
    expect(await fleet.install(instanceId, '1.0.0', await release())).toMatchObject({ result: 'installed' });
  });

  it('a stop, as by a reboot, is reported at once', async () => {
    troubles = [SLOW];
    const { instanceId, state } = await boot();
    await until(() => state()[1]?.startsWith('installing') ?? false);
    await fleet.instances.reboot(instanceId);
    expect((await prepared(instanceId, '10')).preparationFailed).toMatch(
      /^user data (failed|was stopped) while installing package nodejs24/,
    );
  });
});

describe('dnf', () => {
  it.each([['mirrors that do not answer', { kind: 'mirror' }], ...(FULL ? ([['a lock', { kind: 'lock' }]] as const) : [])] as const)(
    'is repeated when it meets %s',
    async (_, trouble) => {
      troubles = [trouble, trouble, trouble];
      const { instanceId, booted } = await boot();
      expect((await booted).exitCode).toBe(0);
      expect(calls).toBe(4);
      expect((await prepared(instanceId)).preparing).toBeUndefined();
    },
  );

  it('pauses longer after each failure, up to half a minute', async () => {
    troubles = Array.from({ length: 6 }, () => ({ kind: 'lock' }) as const);
    const { booted, folder } = await boot();
    await booted;
    expect(readFileSync(join(folder, 'opt/holdfast/pauses'), 'utf8').trim().split('\n').map(Number)).toEqual([2, 4, 8, 16, 30, 30]);
  });

  it('gives up on a package that no repository has after three attempts, and the reason is reported at once', async () => {
    troubles = Array.from({ length: 9 }, () => ({ kind: 'unknown' }) as const);
    const { instanceId, booted } = await boot();
    expect((await booted).exitCode).toBe(1);
    expect(calls).toBe(3);
    const reason = 'user data failed while installing package nodejs24, attempt 3: exit code 1 | No match for argument: nodejs24';
    expect((await prepared(instanceId, '10')).preparationFailed).toContain(reason);
    const failed = await fleet.install(instanceId, '1.0.0', await release());
    expect(failed).toMatchObject({ result: 'failed', error: 'NotPrepared', message: expect.stringContaining(reason) });
  });

  it('gives up at the limit for all packages together', async () => {
    troubles = Array.from({ length: 99 }, () => ({ kind: 'lock' }) as const);
    const { booted, state } = await boot(QUICK.replace('packages_seconds=900', 'packages_seconds=3'));
    expect((await booted).exitCode).toBe(1);
    expect(state()).toEqual(expect.arrayContaining(['failed', expect.stringContaining('.rpm.lock')]));
  });

  it('is called by root only', async () => {
    const { instanceId } = await boot(
      '#!/bin/bash\nHOLDFAST_MACHINE_CONTROL= dnf install -y x || echo refused >"$HOLDFAST_ROOT/refused"\n',
    );
    const file = join(fleet.instances.get(instanceId)?.folder ?? '', 'opt/holdfast/refused');
    await until(() => existsSync(file));
  });
});

describe('the state of user data', () => {
  const report = async (lines: string[]): Promise<ObserveOutput> => {
    const { folder, booted } = await boot();
    await booted;
    writeFileSync(join(folder, STATE), lines.join('\n'));
    const variables = { SSM_attempts: '0', SSM_intervalSeconds: '0.1', SSM_confirmSeconds: '0' };
    const root = { HOLDFAST_ROOT: join(folder, 'opt/holdfast') };
    const { stdout } = await runStep(documentContent('observe', 'releases'), 'observe', folder, { ...variables, ...root });
    return observeOutput.parse(JSON.parse(stdout));
  };

  it('is quoted without secrets, and not at length', async () => {
    const lines = ['GET https://me:hunter2@mirror.example/x', 'token=hunter2', 'Password: hunter2', 'x'.repeat(2_000)];
    const { preparationFailed } = await report(['failed', 'installing package x', 'exit code 1', ...lines]);
    expect(preparationFailed).toContain('https://***@mirror.example');
    expect(preparationFailed).not.toContain('hunter2');
    expect(preparationFailed?.length).toBeLessThan(500);
  });

  it('of another boot has been stopped', async () => {
    expect((await report(['running', 'installing package x', '1 another-boot'])).preparationFailed).toContain('was stopped while');
  });
});
