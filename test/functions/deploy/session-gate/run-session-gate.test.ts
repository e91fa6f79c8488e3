/** The session gate of a deploy, over two releases in memory behind a load balancer that follows a changed rule late. */
import { beforeEach, expect, it } from 'vitest';
import { recipeSchema } from '../../../../functions/canary/contract/recipe.ts';
import type { DeployContext } from '../../../../functions/deploy/contract/common.ts';
import { planLooks } from '../../../../functions/deploy/people/describe-people.ts';
import { needsGate } from '../../../../functions/deploy/session-gate/decide-gate.ts';
import { createSessionGate, type SessionGatePorts } from '../../../../functions/deploy/session-gate/run-session-gate.ts';
import { DEPLOY_GATE_SECONDS } from '../../../../functions/gate/contract.ts';
import type { Records } from '../../../../functions/records/records.ts';
import type { Lease } from '../../../../functions/records/types.ts';
import { RECIPE, sendTo, USERS } from '../../canary/small-site.ts';
import { virtualClock } from '../../canary/virtual-clock.ts';
import { beginDeploy, DEPLOY, RELEASE, ROLL, waitingSince } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';
import { type Made, MORE, release, type Store } from '../../gate/release-in-memory.ts';

const ROLLED = { ...ROLL, sessionGate: true } as const;
const NEUTRAL = 'neutral';

let records: Records;
let lease: Lease;
let calls: string[];
let values: string[];
let logged: string[];
let store: Store;
let ports: SessionGatePorts;
let clock: SessionGatePorts['clock'];
let heldBy: string | undefined;
/** By host, as requests came to the new release. */
let metNew: (string | undefined)[];
let group: ReturnType<typeof fakeTargetGroup>;

beforeEach(async () => {
  [calls, values, logged, metNew, heldBy] = [[], [], [], [], undefined];
  store = new Map();
  records = memoryRecords();
  lease = await beginDeploy(records, DEPLOY, {
    'i-1': { ...waitingSince(0), phase: 'checkingReadiness' },
    'i-2': waitingSince(0),
    'i-3': waitingSince(0),
  });
  setUp({}, {});
});

function setUp(next: Made, { lagMs = 12_000, old = {} }: { readonly lagMs?: number; readonly old?: Made }) {
  clock = virtualClock();
  // Between two changes of a rule it is followed late.
  const rules = [{ value: NEUTRAL, fromMs: 0 }];
  const followed = () => rules.findLast(({ fromMs }) => fromMs <= clock.now())?.value;
  const set = (value: string) => void rules.push({ value, fromMs: clock.now() + lagMs });
  group = fakeTargetGroup();
  const [ofOld, ofNew] = [release(store, old), release(store, { version: '2.0.0', ...next })];
  const send = sendTo((asked) => {
    const header = asked.headers['x-holdfast-gate'];
    if (header === undefined || header !== followed()) return ofOld(asked);
    if (group.states['i-1'] === undefined) return { status: 503 };
    metNew.push(header);
    return ofNew(asked);
  }, clock);
  ports = {
    records,
    targetGroup: fakeTargetGroup({ 'i-2': 'healthy' }),
    front: {
      rule: {
        isOpen: async () => rules.at(-1)?.value !== NEUTRAL,
        async open(value) {
          calls.push('open');
          set(value);
        },
        async close() {
          calls.push('close');
          set(NEUTRAL);
        },
      },
      group: {
        describeHealth: async () => {
          // Healthy once it was seen for the first time.
          const seen = await group.describeHealth();
          for (const id of Object.keys(group.states)) if (group.states[id] === 'initial') group.states[id] = 'healthy';
          return seen;
        },
        async register(id, registrations) {
          calls.push(`register ${id}`);
          return group.register(id, registrations);
        },
        async deregister(id) {
          calls.push(`deregister ${id}`);
          return group.deregister(id);
        },
      },
    },
    gateLease: {
      async take(owner) {
        if (heldBy !== undefined) return false;
        heldBy = owner;
        return true;
      },
      async release() {
        heldBy = undefined;
      },
    },
    site: async () => ({
      url: 'https://shop.example/',
      recipe: recipeSchema.parse({ ...RECIPE, ...MORE }),
      passwords: new Map(Object.entries(USERS)),
    }),
    send,
    clock,
    random: () => {
      values.push(`${values.length}`.padStart(32, 'f'));
      return values.at(-1) as string;
    },
    log: { info: (_, fields) => logged.push(JSON.stringify(fields)), warn: (_, fields) => logged.push(JSON.stringify(fields)) },
  };
}

const run = (more: Partial<DeployContext> = {}) =>
  createSessionGate(ports)({ step: 'sessionGate', deploy: { ...DEPLOY, ...more }, lease, roll: ROLLED });
const record = () => records.getDeploy('web', 'd1');
const ONCE = ['open', 'register i-1', 'close', 'deregister i-1'];

it('a good release passes within its time, and what it needed is put away', async () => {
  const beganMs = clock.now();
  expect(await run()).toEqual({ verdict: 'DONE', roll: ROLL });
  expect(clock.now() - beganMs).toBeLessThan(DEPLOY_GATE_SECONDS * 1000);
  expect(calls).toEqual(ONCE);
  expect(await record()).toMatchObject({ sessionGate: { verdict: 'compatible', detail: '' }, sessions: 'compatible, by the session gate' });
  expect((await record())?.warnings).toBeUndefined();
  expect([...store.values()]).toEqual([]);
  expect(new Set(metNew)).toEqual(new Set([values[1]]));
});

it('an incompatible release ends the deploy, and with --expect turned-away warns', async () => {
  setUp({ form: 'json' }, {});
  await expect(run()).rejects.toThrow(
    expect.objectContaining({
      name: 'SessionsIncompatible',
      message: expect.stringMatching(/after a rollback: .*\. If the release does this by intent, deploy it with --expect turned-away$/),
    }),
  );
  expect(calls).toEqual(ONCE);
  const { sessions } = (await record()) ?? {};
  expect(sessions).toMatch(/^incompatible, by the session gate: the new release shows nobody with a session that the old one began/);
  const met = metNew.length;
  // Once more: by its record, without a request.
  await expect(run()).rejects.toThrow(/shows nobody/);
  expect([calls, metNew.length]).toEqual([ONCE, met]);
  expect(await run({ expect: 'turned-away' })).toMatchObject({ verdict: 'DONE' });
  expect((await record())?.warnings).toEqual([expect.stringMatching(/^Release 2\.0\.0 logs users out, as --expect says: /)]);
  // A deploy that resumes another one has this by itself, and ends nobody's session for it.
  await expect(run({ recover: true, keepsSessions: true })).rejects.toThrow(/shows nobody/);
  expect(await run({ recover: true })).toMatchObject({ verdict: 'DONE' });
  expect((await record())?.warnings?.at(-1)).toMatch(/^Release 2\.0\.0 logs users out, as --recover allows: /);
});

it.each<[string, () => void, RegExp]>([
  ['the same release', () => setUp({ version: '1.0.0' }, {}), /after 35 s the load balancer shows the same "release"/],
  ['a rule that no node follows', () => setUp({}, { lagMs: 60_000 }), /after 35 s the load balancer shows the same "release"/],
  [
    'a release that shows none',
    () => setUp({ status: ({ what }) => (what === 'GET /version' ? 404 : undefined) }, {}),
    /shows no "release"/,
  ],
  ['no other server', () => Object.assign(ports, { targetGroup: fakeTargetGroup({ 'i-1': 'healthy' }) }), /no other server is healthy/],
  ['a secret', () => Object.assign(ports, { site: () => Promise.reject(new Error('the secret shop/anna cannot be read')) }), /shop\/anna/],
  [
    'the load balancer',
    () => Object.assign(ports.front.rule, { open: (value: string) => Promise.reject(new Error(`no ${value}`)) }),
    /no …\.$/,
  ],
  ['a rule that stays', () => Object.assign(ports.front.rule, { isOpen: () => Promise.reject(new Error('slow down')) }), /slow down/],
  [
    'a target that is refused',
    () => Object.assign(ports.front.group, { register: async () => ({ registered: false, why: 'it drains' }) }),
    /it drains/,
  ],
  ['a site that is down', () => setUp({}, { old: { status: () => 500 } }), /release|failed/],
])('not checked, and the deploy goes on: %s', async (_, change, why) => {
  change();
  const beganMs = clock.now();
  expect(await run()).toMatchObject({ verdict: 'DONE' });
  expect(clock.now() - beganMs).toBeLessThan(DEPLOY_GATE_SECONDS * 1000);
  const { warnings, sessions, sessionGate } = (await record()) ?? {};
  expect(warnings).toEqual([expect.stringMatching(why)]);
  expect(warnings?.[0]).toMatch(/^Whether release 2\.0\.0 and the previous one keep each other's sessions is not checked: /);
  expect(sessions).toBe(`not checked, by the session gate: ${sessionGate?.detail}`);
  expect(calls.filter((call) => call.startsWith('register')).length).toBe(calls.filter((call) => call.startsWith('deregister')).length);
  expect(calls.filter((call) => call === 'open').length).toBe(calls.filter((call) => call === 'close').length);
});

it('is repeated after a temporary fault of AWS, as other steps are, and leaves nothing open or on record', async () => {
  const { register } = ports.front.group;
  const throttled = () => Promise.reject(Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' }));
  Object.assign(ports.front.group, { register: throttled });
  await expect(run()).rejects.toThrow('Rate exceeded');
  expect([(await record())?.sessionGate, heldBy, calls]).toEqual([undefined, undefined, ['open', 'close']]);
  Object.assign(ports.front.group, { register });
  expect(await run()).toMatchObject({ verdict: 'DONE' });
  expect(await record()).toMatchObject({ sessionGate: { verdict: 'compatible' } });
});

it('comes twice: what a call without an end has left goes first, and the value is another one', async () => {
  const { updateDeploy } = records;
  let fails = true;
  records.updateDeploy = (...given) => (fails ? Promise.reject(new Error('throttled')) : updateDeploy(...given));
  await expect(run()).rejects.toThrow('throttled');
  fails = false;
  // It was ended before its last calls.
  await ports.front.rule.open('left');
  await group.register('i-9');
  calls = [];
  expect(await run()).toMatchObject({ verdict: 'DONE' });
  expect(calls).toEqual(['close', 'deregister i-9', ...ONCE]);
  expect(new Set(metNew)).toEqual(new Set([values[1], values[3]]));
});

it('a server that is rolled at the same time waits for the one gate, and goes on by its result', async () => {
  heldBy = 'another';
  expect(await run()).toEqual({ verdict: 'WAIT', roll: ROLLED });
  expect(calls).toEqual([]);
  await records.updateDeploy('web', 'd1', { sessionGate: { verdict: 'not checked', detail: 'x' } });
  expect(await run()).toEqual({ verdict: 'DONE', roll: ROLL });
  expect(calls).toEqual([]);
});

it('nothing is opened without the lock', async () => {
  await records.releaseLock({ fleet: 'web', deployId: 'd1', fencingToken: lease.fencingToken });
  await expect(run()).rejects.toThrow(expect.objectContaining({ name: 'LeaseLost' }));
  expect(calls).toEqual([]);
});

it('the value is in no record, log or error', async () => {
  for (const next of [{}, { form: 'json' }, { version: '1.0.0' }]) {
    setUp(next, {});
    await run().catch((error: Error) => void logged.push(error.stack ?? ''));
    logged.push(JSON.stringify(await record()));
  }
  expect(values.length).toBeGreaterThan(1);
  for (const value of values) expect(logged.join()).not.toContain(value);
});

it.each([
  ['on', { session: { cookie: 'sid' } }, /^checked by the session gate at the first server, which takes at most 75 s$/],
  ['no users for the gate: canary.gateUsers is not set', {}, /^not tried: no users for the gate: canary\.gateUsers is not set$/],
  [undefined, {}, /^not tried: no users for the gate$/],
] as const)('a deploy and its dry run say beforehand what is checked: %s', (sessionGate, more, expected) => {
  const app = { ...RELEASE.app, ...more };
  const { sessions } = planLooks('2.0.0', app, [app, app], { peopleWaitSeconds: 0, sessionGate });
  expect(sessions).toMatch(expected);
});

it.each([
  [{}, {}, {}, true],
  [{ restart: 'i-1' }, {}, {}, false],
  [{ restartAll: true }, {}, {}, false],
  [{}, { isRollback: true }, {}, false],
  [{}, { fromVersion: 'none' }, {}, false],
  [{ version: 'none' }, {}, {}, false],
  [{}, {}, { 'i-2': { ...waitingSince(0), phase: 'done' } }, false],
] as const)('is for the first server of a deploy that brings a release: %j %j %j', (deploy, releases, targets, expected) => {
  const of = { fromVersion: '1.0.0', version: '2.0.0', isRollback: false, ...releases };
  expect(needsGate({ version: '2.0.0', ...deploy }, of, { 'i-1': waitingSince(0), ...targets })).toBe(expected);
});
