import { afterEach, beforeEach, expect, it } from 'vitest';
import { createWorld, type Front, forwardTo, healthy, named, send, type World } from '#local-aws/test/elbv2/support.ts';
import type { ReLoginPage } from '../../../../functions/incidents/contract/environment.ts';
import type { Calls, Mitigation } from '../../../../functions/incidents/contract/mitigations.ts';
import { type BalancerRules, createBalancerRules } from '../../../../functions/incidents/mitigate/balancer-rules.ts';
import { createReLoginPage } from '../../../../functions/incidents/mitigate/re-login-page.ts';
import { reLoginHtml } from '../../../../functions/incidents/re-login/choose-rule.ts';
import { localClient } from './local-balancer.ts';
import { type SaidBy, saidBy } from './said-by.ts';

const NOW_MS = Date.UTC(2026, 0, 5, 12);
const TARGET = { incidentId: 'inc-1', fleet: 'web' };
const PAGE: ReLoginPage = {
  hosts: [],
  paths: ['/*'],
  priorities: { first: 1, last: 50_000 },
  language: 'en',
  title: 'Back in a minute',
  message: 'Please log in again then.',
  retry: 'Try again',
  retrySeconds: 10,
};
const HTML = reLoginHtml(PAGE);

let world: World;
let group: string;
let drainGroup: string;
let front: Front;
let client: ReturnType<typeof localClient>;
let rules: BalancerRules;
let isWell: boolean;
let cutOff: number;
let nowMs: number;
let said: SaidBy;
let areHurt: boolean | undefined;

const mitigation = (page: ReLoginPage = PAGE, use = rules) =>
  createReLoginPage({
    fleets: {
      web: { targetGroupArn: group, strategy: 'redis', expectedStickiness: { enabled: false }, reLoginPage: page },
      draining: {
        targetGroupArn: group,
        drainTargetGroupArn: drainGroup,
        strategy: 'sticky',
        expectedStickiness: { enabled: true },
        reLoginPage: page,
      },
      plain: { targetGroupArn: group, strategy: 'redis', expectedStickiness: { enabled: false } },
    },
    installation: 'holdfast',
    rules: use,
    readServers: async () => ['i-1', 'i-2', 'i-3'].map((instanceId, at) => ({ instanceId, ready: isWell || at >= cutOff })),
    witnesses: saidBy(said, () => nowMs),
    areHurt: async () => areHurt,
    longestMs: 7_200_000,
    now: () => nowMs,
  }) as Mitigation & Required<Pick<Mitigation, 'undo' | 'needed' | 'ready'>>;
const planned = async (page?: ReLoginPage) => (await mitigation(page).plan(TARGET)) as Calls;
const get = async (path: string) => {
  const { status, body, headers } = await send(front.port, path);
  return { status, body, type: headers['content-type'] };
};
const created = async () => (await rules.listenersOf(group)).flatMap((one) => one.rules.filter(({ page }) => page));

beforeEach(async () => {
  world = createWorld();
  client = localClient(world);
  rules = createBalancerRules(client);
  [isWell, cutOff, nowMs] = [false, 2, NOW_MS];
  [said, areHurt] = [{ fleet: 'away', collector: 'away' }, true];
  const shop = await world.instance(named('shop'));
  const other = await world.instance(named('other'));
  group = await world.group([shop]);
  const others = await world.group([other]);
  drainGroup = await world.group([]);
  front = await world.front(group);
  await world.call('CreateRule', {
    ListenerArn: front.listener,
    Priority: '5',
    Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/other/*'] } }],
    Actions: [forwardTo(others)],
  });
  await healthy(world, group, shop);
  await healthy(world, others, other);
});
afterEach(() => world.stop());

it('of two fleets behind one listener each has its own, and the end of one leaves the other', async () => {
  const other = { ...TARGET, fleet: 'draining' };
  const first = await planned();
  await mitigation().act(TARGET, first);
  const second = (await mitigation().plan(other)) as Calls;
  await mitigation().act(other, second);
  const fleets = async () => (await created()).map(({ page }) => page?.fleet).toSorted();
  expect(await fleets()).toEqual(['holdfast/draining', 'holdfast/web']);
  await mitigation().undo(TARGET, first);
  expect(await fleets()).toEqual(['holdfast/draining']);
  expect(await mitigation().verify(other, second)).toMatchObject({ verdict: 'DONE' });
});

it('shows the page to the fleet’s users and to no one else, and takes it away again', async () => {
  const plan = await planned();
  expect(client.sent).toEqual([]);
  expect(plan.calls).toEqual([
    {
      service: 'elbv2',
      operation: 'CreateRule',
      input: expect.objectContaining({
        Priority: 50_000,
        Actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '503', ContentType: 'text/html', MessageBody: HTML } }],
        Tags: [
          { Key: 'holdfast:fleet', Value: 'holdfast/web' },
          { Key: 'holdfast:incident', Value: 'inc-1' },
        ],
      }),
    },
  ]);
  expect(await mitigation().verify(TARGET, plan)).toMatchObject({ verdict: 'WAIT' });
  await mitigation().act(TARGET, plan);
  await mitigation().act(TARGET, plan);
  expect(client.sent).toEqual(['CreateRule']);
  expect(await mitigation().verify(TARGET, plan)).toMatchObject({ verdict: 'DONE' });
  expect(await get('/cart')).toEqual({ status: 503, body: HTML, type: expect.stringMatching(/^text\/html/) });
  expect(await get('/other/x')).toMatchObject({ status: 200, body: 'other' });
  expect(await mitigation().needed(TARGET, plan)).toBe(true);
  [isWell, said] = [true, { fleet: 'works' }];
  expect(await mitigation().needed(TARGET, plan)).toBe(false);
  await mitigation().undo(TARGET, plan);
  await mitigation().undo(TARGET, plan);
  expect(await get('/cart')).toMatchObject({ status: 200, body: 'shop' });
  expect(await created()).toEqual([]);
});

it('finds its own rule when the answer to the call was lost', async () => {
  const plan = await planned();
  const lost: BalancerRules = {
    ...rules,
    // The SDK repeats the call, and the service refuses what the first one made.
    create: async (...page) => {
      await rules.create(...page);
      return rules.create(...page);
    },
  };
  await mitigation(undefined, lost).act(TARGET, plan);
  expect(await created()).toHaveLength(1);
});

it('removes what it has created when a priority was taken meanwhile, and no rule of anyone else', async () => {
  const page = { ...PAGE, paths: ['/cart'], priorities: { first: 7, last: 7 } };
  const plan = await planned(page);
  await world.call('CreateRule', {
    ListenerArn: front.listener,
    Priority: '7',
    Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/mine'] } }],
    Actions: [forwardTo(group)],
  });
  await expect(mitigation(page).act(TARGET, plan)).rejects.toMatchObject({
    name: 'MitigationRefused',
    message: expect.stringContaining('priority 7'),
  });
  expect(await created()).toEqual([]);
  expect((await rules.listenersOf(group)).flatMap((one) => one.rules.map(({ priority }) => priority)).sort()).toEqual([5, 7]);
});

it('needs most servers cut off, in two looks two minutes apart', async () => {
  [cutOff, said] = [1, { collector: 'away' }];
  expect(await mitigation().plan(TARGET)).toEqual({ refused: expect.stringContaining('1 of 3 servers') });
  cutOff = 2;
  const plan = await planned();
  const plannedAtMs = nowMs;
  nowMs += 119_000;
  expect(await mitigation().ready(TARGET, plan, plannedAtMs)).toBe('WAIT');
  nowMs += 1_000;
  expect(await mitigation().ready(TARGET, plan, plannedAtMs)).toBe('DONE');
  isWell = true;
  expect(await mitigation().ready(TARGET, plan, plannedAtMs)).toEqual({ refused: expect.stringContaining('0 of 3 servers') });
});

it.each([false, undefined])('waits five minutes at most for metrics that show who is hurt (%s)', async (shown) => {
  const plan = await planned();
  const plannedAtMs = nowMs;
  areHurt = shown;
  nowMs += 299_000;
  expect(await mitigation().ready(TARGET, plan, plannedAtMs)).toBe('WAIT');
  areHurt = true;
  expect(await mitigation().ready(TARGET, plan, plannedAtMs)).toBe('DONE');
  areHurt = shown;
  nowMs += 1_000;
  expect(await mitigation().ready(TARGET, plan, plannedAtMs)).toEqual({ refused: expect.stringContaining('shows no users of fleet web') });
});

it('is over only when that has been so for a minute', () => {
  expect(mitigation().settlesMs).toBe(60_000);
});

it('spares the paths that are named, each by a rule that forwards before the page’s', async () => {
  const page = { ...PAGE, spare: ['/payment/*', '/status'] };
  const plan = await planned(page);
  expect(plan.calls.map(({ input }) => [input['Priority'], (input['Actions'] as { Type: string }[])[0]?.Type])).toEqual([
    [49_998, 'forward'],
    [49_999, 'forward'],
    [50_000, 'fixed-response'],
  ]);
  await mitigation(page).act(TARGET, plan);
  await mitigation(page).act(TARGET, plan);
  expect(client.sent).toEqual(['CreateRule', 'CreateRule', 'CreateRule']);
  expect([(await get('/payment/1')).body, (await get('/status')).body, (await get('/cart')).status]).toEqual(['shop', 'shop', 503]);
  expect(await mitigation(page).verify(TARGET, plan)).toMatchObject({ verdict: 'DONE' });
  await mitigation(page).undo(TARGET, plan);
  expect(await created()).toEqual([]);
});

it('covers the configured paths alone', async () => {
  const page = { ...PAGE, paths: ['/account*'] };
  await mitigation(page).act(TARGET, await planned(page));
  expect([(await get('/account')).status, (await get('/')).status]).toEqual([503, 200]);
});

it('refuses a fleet without a page, and one that shows another incident’s', async () => {
  expect(await mitigation().plan({ incidentId: 'inc-1', fleet: 'plain' })).toEqual({ refused: expect.stringContaining('no reLoginPage') });
  await mitigation().act(TARGET, await planned());
  expect(await mitigation().plan({ ...TARGET, incidentId: 'inc-2' })).toEqual({
    refused: expect.stringContaining('incident inc-1 shows its page'),
  });
  expect(await mitigation().plan(TARGET)).toMatchObject({ calls: [{ input: { Priority: 50_000 } }] });
});

it('is found and removed although somebody has taken the target group out of the listener meanwhile', async () => {
  const plan = await planned();
  await mitigation().act(TARGET, plan);
  const elsewhere = await world.group([]);
  await world.call('ModifyListener', { ListenerArn: front.listener, DefaultActions: [forwardTo(elsewhere)] });
  expect(await created()).toEqual([]);
  expect(await mitigation().verify(TARGET, plan)).toMatchObject({
    ...{ verdict: 'DONE', isHandedOver: true },
    detail: expect.stringContaining('would hide what somebody has put there'),
  });
  await mitigation().undo(TARGET, plan);
  expect((await rules.listenerAt(front.listener, group))?.rules.map(({ priority }) => priority)).toEqual([5]);
});

it('is not shown in front of what somebody has put in the place of the fleet since the plan', async () => {
  const page = { ...PAGE, spare: ['/status'] };
  const plan = await planned(page);
  const elsewhere = await world.group([]);
  await world.call('ModifyListener', { ListenerArn: front.listener, DefaultActions: [forwardTo(elsewhere)] });
  await expect(mitigation(page).act(TARGET, plan)).rejects.toMatchObject({ name: 'MitigationRefused' });
  await world.call('ModifyListener', { ListenerArn: front.listener, DefaultActions: [forwardTo(group)] });
  await mitigation(page).act(TARGET, plan);
  // The path that is spared forwards to the fleet as before: it is the page's own.
  await world.call('ModifyListener', { ListenerArn: front.listener, DefaultActions: [forwardTo(elsewhere)] });
  expect(await mitigation(page).verify(TARGET, plan)).toMatchObject({ isHandedOver: true });
});

it('has nothing left to remove on a listener that somebody has deleted', async () => {
  const plan = await planned();
  await mitigation().act(TARGET, plan);
  await world.call('DeleteListener', { ListenerArn: front.listener });
  await mitigation().undo(TARGET, plan);
  expect(client.sent).toEqual(['CreateRule']);
});

it('is not shown next to that of another incident, which was planned in the same minutes', async () => {
  const [first, second] = [await planned(), await planned()];
  await mitigation().act(TARGET, first);
  await expect(mitigation().act({ ...TARGET, incidentId: 'inc-2' }, second)).rejects.toMatchObject({
    name: 'MitigationRefused',
    message: expect.stringContaining('incident inc-1 shows its page already'),
  });
  expect((await created()).map(({ page }) => page?.incidentId)).toEqual(['inc-1']);
});

it('is removed by two at once, one of which reads the tags of a rule that the other has just deleted', async () => {
  const plan = await planned();
  await mitigation().act(TARGET, plan);
  const [page] = await created();
  const { send: plain } = client;
  const deletes = { by: async () => rules.delete(page?.ruleArn ?? '') };
  client.send = (async (command: { readonly constructor: { readonly name: string } }) => {
    const { by } = deletes;
    if (command.constructor.name === 'DescribeTagsCommand') {
      deletes.by = async () => {};
      await by();
    }
    return plain(command as never);
  }) as typeof plain;
  await mitigation().undo(TARGET, plan);
  expect([await created(), client.sent]).toEqual([[], ['CreateRule', 'DeleteRule']]);
});

it('comes before the drain rule of a fleet whose deploys wait for sessions', async () => {
  await world.call('CreateRule', {
    ListenerArn: front.listener,
    Priority: '12',
    Conditions: [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Holdfast-Drain', Values: ['targetgroup/drain/1'] } }],
    Actions: [forwardTo(drainGroup)],
  });
  expect(await mitigation().plan({ ...TARGET, fleet: 'draining' })).toMatchObject({ calls: [{ input: { Priority: 11 } }] });
});
