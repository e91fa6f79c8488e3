/** The fleet's side of the store, deployed: by the command as an operator has it, and with the way to the store cut. */
import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { afterAll, describe, expect, it } from 'vitest';
import { readCalls } from '#local-aws/iam/calls.ts';
import { type Witnessed, witnessFunctionName } from '../../functions/incidents/contract/store-facts.ts';
import { STORE_ENV } from '../../functions/shared/store/store-settings.ts';
import { spawnCli } from '../cli/run-cli.ts';
import { until } from '../until.ts';
import { kept } from './fleet.ts';
import { sweepUser, withStore } from './open-store.ts';

const lambda = new LambdaClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials });
const STATE_FOLDER = process.env['HOLDFAST_STATE_FOLDER'] as string;
const FunctionName = witnessFunctionName('holdfast', 'web');
/** Nobody listens there, as behind a rule that is gone. */
const NOWHERE = '127.0.0.1';

afterAll(() => lambda.destroy());

async function ask(qualifier: string): Promise<Witnessed> {
  const { Payload } = await lambda.send(
    new InvokeCommand({ FunctionName, Qualifier: qualifier, Payload: Buffer.from(JSON.stringify({ step: 'witness' })) }),
  );
  return JSON.parse(Buffer.from(Payload ?? []).toString()) as Witnessed;
}

async function setStore(changes: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const before = Environment?.Variables ?? {};
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables: { ...before, ...changes } } }));
  await until(async () => (await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))).LastUpdateStatus !== 'InProgress');
  return before;
}

describe('./holdfast store --from-fleet web', () => {
  it('reaches the store by IAM, and leaves no key', async () => {
    const { code, stdout } = await spawnCli(STATE_FOLDER, ['store', '--from-fleet', 'web', '--json']);
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      expect.objectContaining({ fleet: 'web', state: expect.stringMatching(/^(reached|slow)$/), works: true, signIn: 'iam' }),
    ]);
    // Its key is a random one; the sweep's user sees those of all.
    const left: string[] = [];
    await withStore(
      async (store) => {
        for await (const keys of store.scanStream({ match: '*holdfast-witness*', count: 1_000 })) left.push(...(keys as string[]));
      },
      await sweepUser(),
    );
    expect(left).toEqual([]);
    expect(readCalls(kept.runFolder)).toContainEqual({
      principal: expect.stringMatching(/^arn:aws:iam::000000000000:role\/holdfast-web/),
      action: 'elasticache:Connect',
      resource: expect.stringMatching(/:user:holdfast-witness$/),
      allowed: true,
    });
  });
});

describe('with the way to the store cut', () => {
  it('cannot reach it, and reaches it again after', async () => {
    const before = await setStore({ [STORE_ENV.storeHost]: NOWHERE, [STORE_ENV.storePort]: '1' });
    try {
      expect(await ask('$LATEST')).toMatchObject({ state: 'unreachable', unreachableReason: 'refused' });
    } finally {
      await setStore(before);
    }
    expect((await ask('$LATEST')).state).toMatch(/^(reached|slow)$/);
  });
});
