/** What ECS is answered: by its documentation, since nobody has run it there. */
import { expect, it } from 'vitest';
import type { GateResult } from '../../../functions/gate/contract.ts';
import { answerHook, type HookPorts } from '../../../functions/gate/hook/answer-hook.ts';

const EVENT = {
  executionDetails: { serviceArn: 'arn:aws:ecs:eu-west-1:111122223333:service/shop/web', testTrafficWeights: {} },
  executionId: 'a1b2c3d4-0000-4000-8000-000000000000',
  lifecycleStage: 'POST_TEST_TRAFFIC_SHIFT',
  resourceArn: 'arn:aws:ecs:eu-west-1:111122223333:service-deployment/shop/web/abc',
};
const RESULT: GateResult = { verdict: 'compatible', findings: [], notes: [], sent: { requests: 40, logins: 4 } };

function portsOf(compare: HookPorts['compare'] = async () => RESULT, more: Partial<HookPorts> = {}) {
  const kept = new Map<string, GateResult>();
  let holder: string | undefined;
  const asked: object[] = [];
  const ports: HookPorts = {
    addresses: { old: 'https://shop.example/', new: 'https://shop.example:8443/' },
    notChecked: 'continue',
    verdicts: { get: async (id) => kept.get(id), put: async (id, result) => void kept.set(id ?? '', result) },
    lease: {
      take: async (owner) => {
        if (holder !== undefined) return false;
        holder = owner;
        return true;
      },
      release: async (owner) => {
        if (holder === owner) holder = undefined;
      },
    },
    compare: (addresses) => {
      asked.push(addresses);
      return compare(addresses);
    },
    log: () => {},
    now: () => 1_000,
    ...more,
  };
  return { ports, asked };
}

it.each([
  ['compatible', 'continue', 'SUCCEEDED'],
  ['incompatible', 'continue', 'FAILED'],
  ['not checked', 'continue', 'SUCCEEDED'],
  ['not checked', 'stop', 'FAILED'],
] as const)('%s, then %s: %s', async (verdict, notChecked, hookStatus) => {
  const { ports } = portsOf(async () => ({ ...RESULT, verdict }), { notChecked });
  expect(await answerHook(ports, EVENT, 'one')).toEqual({ hookStatus, hookDetails: { verdict } });
});

it('one deployment has one gate, however often it is asked', async () => {
  const { ports, asked } = portsOf();
  await answerHook(ports, EVENT, 'one');
  expect(await answerHook(ports, EVENT, 'two')).toMatchObject({ hookStatus: 'SUCCEEDED' });
  expect(asked).toHaveLength(1);
});

it('a second deployment waits while the first one has the users', async () => {
  let end = (_: GateResult) => {};
  const { ports } = portsOf(() => new Promise((resolve) => (end = resolve)));
  const first = answerHook(ports, EVENT, 'one');
  await new Promise((resolve) => setImmediate(resolve));
  expect(await answerHook(ports, { ...EVENT, resourceArn: 'arn:another' }, 'two')).toEqual({
    hookStatus: 'IN_PROGRESS',
    callBackDelay: 30,
  });
  end(RESULT);
  expect(await first).toMatchObject({ hookStatus: 'SUCCEEDED' });
});

it('a recipe that is broken, or a secret that cannot be read, is not checked', async () => {
  const { ports } = portsOf(() => Promise.reject(new Error('the secret shop/gate cannot be read')));
  expect(await answerHook(ports, EVENT, 'one')).toEqual({ hookStatus: 'SUCCEEDED', hookDetails: { verdict: 'not checked' } });
});

it('takes addresses of hookDetails, of no other host: the passwords go there', async () => {
  const { ports, asked } = portsOf();
  await answerHook(ports, { hookDetails: { new: 'https://shop.example:9443/' } }, 'one');
  for (const address of ['https://evil.example/', 'http://shop.example:81/'])
    expect(await answerHook(ports, { hookDetails: { new: address } }, 'two')).toMatchObject({ hookDetails: { verdict: 'not checked' } });
  for (const event of ['nothing', { hookDetails: 'text' }]) await answerHook(ports, event, 'three');
  const usual = { old: 'https://shop.example/', new: 'https://shop.example:8443/' };
  expect(asked).toEqual([{ ...usual, new: 'https://shop.example:9443/' }, usual, usual]);
});

it('the answer does not depend on its record, nor the record on what hookDetails are', async () => {
  const verdicts = { get: async () => undefined, put: () => Promise.reject(new Error('throttled')) };
  const { ports } = portsOf(async () => ({ ...RESULT, verdict: 'incompatible' }), { verdicts });
  expect(await answerHook(ports, EVENT, 'one')).toMatchObject({ hookStatus: 'FAILED' });
  const kept = portsOf();
  for (const owner of ['one', 'two']) await answerHook(kept.ports, { ...EVENT, hookDetails: null }, owner);
  expect(kept.asked).toHaveLength(1);
});
