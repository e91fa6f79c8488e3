/** Two releases in memory, on one store: what a session gate finds, and what it does not take for a finding. */
import { afterEach, expect, it, vi } from 'vitest';
import { NoAnswer } from '../../../functions/canary/contract/errors.ts';
import { recipeSchema } from '../../../functions/canary/contract/recipe.ts';
import type { Clock } from '../../../functions/canary/http/pace.ts';
import type { Send } from '../../../functions/canary/http/send.ts';
import { runGate } from '../../../functions/gate/compare-releases.ts';
import { GATE_LIMITS, type GateResult } from '../../../functions/gate/contract.ts';
import { type Asked, RECIPE, sendTo, USERS } from '../canary/small-site.ts';
import { virtualClock } from '../canary/virtual-clock.ts';
import { type Made, MORE, release, type Store } from './release-in-memory.ts';

async function gate(
  old: Made,
  next: Made,
  {
    more = {},
    hosts = ['shop.example', 'next.shop.example'],
    sticky,
    clock = virtualClock(),
    answersMs = 0,
  }: {
    readonly more?: object;
    readonly hosts?: readonly [string, string];
    readonly sticky?: string;
    readonly clock?: Clock;
    /** Each answer comes after so long. */
    readonly answersMs?: number;
  } = {},
) {
  const store: Store = new Map();
  store.set('of-somebody-else', { user: 'somebody', items: 3, form: 'jdk' });
  const [ofOld, ofNew] = [release(store, old), release(store, { version: '1.1.0', ...next })];
  const answer = sendTo((asked) => {
    const isNew = Boolean(asked.headers['x-next']) || asked.host === 'next.shop.example';
    if (sticky === undefined) return (isNew ? ofNew : ofOld)(asked);
    // As a load balancer whose own cookie comes before the header.
    const server = asked.cookies[sticky] ?? (isNew ? 'new' : 'old');
    const own = (server === 'new' ? ofNew : ofOld)(asked);
    return { ...own, cookies: [...(own.cookies ?? []), `${sticky}=${server}; Path=/`] };
  }, clock);
  const send: Send = async (request, timeoutMs) => {
    const answered = await answer(request, timeoutMs);
    await clock.sleep(Math.min(answersMs, timeoutMs));
    if (answersMs > timeoutMs) throw new NoAnswer('the site', 'ETIMEDOUT', 'too late');
    return answered;
  };
  const [url, other] = hosts.map((host) => `https://${host}/`) as [string, string];
  const result = await runGate({
    recipe: recipeSchema.parse({ ...RECIPE, ...MORE, ...more }),
    addresses: { old: url, new: other, ...(hosts[0] === hosts[1] && { newHeaders: { 'x-next': '1' } }) },
    ...{ send, clock, passwords: new Map(Object.entries(USERS)), jarOf: async () => [] },
  });
  return { result, left: [...store.values()].filter(({ user }) => user !== 'somebody').length, others: store.get('of-somebody-else') };
}
afterEach(() => vi.useRealTimers());
const saidOf = ({ verdict, findings }: GateResult) => [verdict, ...findings.map(({ check }) => check)];

it.each([
  ['the same form', {}],
  ['another path of who it is', { headers: {} }],
  ['one that reads both, and writes as before', { reads: ['jdk', 'json'] }],
  ['one that sets other attributes', { attributes: 'Path=/; Secure; HttpOnly; SameSite=Strict' }],
] as const)('compatible: %s', async (_, next) => {
  for (const hosts of [
    ['shop.example', 'next.shop.example'],
    ['shop.example', 'shop.example'],
  ] as const) {
    const { result, left, others } = await gate({}, next, { hosts });
    expect(saidOf(result), JSON.stringify(result)).toEqual(['compatible']);
    expect(result.sent.requests).toBeLessThanOrEqual(GATE_LIMITS.requests);
    expect([left, others]).toEqual([0, { user: 'somebody', items: 3, form: 'jdk' }]);
  }
});

it.each([
  ['each writes what the other one cannot read', {}, { form: 'json' }, ['forward', 'back']],
  ['the new one reads both, and writes another form', {}, { form: 'json', reads: ['jdk', 'json'] }, ['back']],
  ['the new one rewrites what it has read', {}, { form: 'json', reads: ['jdk', 'json'], rewrites: true }, ['forward', 'back']],
  ['another cookie', {}, { cookie: 'shop' }, ['forward', 'back']],
  ['a new id in place of the one that was brought', {}, { renews: true }, ['forward']],
  ['a cookie of another path', {}, { attributes: 'Path=/account; Secure; HttpOnly' }, ['cookies']],
  ['an error for sessions of the other one', { unreadable: 500 }, { form: 'json', unreadable: 500 }, ['forward', 'back']],
  // lfx-self-serve 1089: one release has sessions in cookies, the other one in a store, and each clears what it cannot read.
  ['a cookie of the other one is cleared', { unreadable: 'clears' }, { form: 'json', unreadable: 'clears' }, ['forward', 'back']],
  ['sessions of the other one are deleted', { unreadable: 'deletes' }, { form: 'json', unreadable: 'deletes' }, ['forward', 'back']],
  ['what sessions hold', {}, { forgetsItems: true }, ['cart']],
  ['a session that it has changed', {}, { reads: ['jdk', 'json'], changedForm: 'json' }, ['cart']],
  [
    'a session that it has changed, for which the old one has an error',
    { unreadable: 500 },
    { reads: ['jdk', 'json'], changedForm: 'json' },
    ['cart'],
  ],
  [
    'a session that it has changed, which the old one deletes',
    { unreadable: 'deletes' },
    { reads: ['jdk', 'json'], changedForm: 'json' },
    ['cart'],
  ],
  ['a log-out that ends nothing', {}, { keepsAfterLogOut: true }, ['log-out']],
  ['a cookie that browsers drop', {}, { cookie: '__Host-sid', attributes: 'Path=/; HttpOnly' }, ['cookies']],
] as const)('incompatible: %s', async (_, old, next, checks) => {
  const { result } = await gate(old, next as Made);
  expect(saidOf(result), JSON.stringify(result)).toEqual(['incompatible', ...checks]);
  expect(result.sent.requests).toBeLessThanOrEqual(GATE_LIMITS.requests);
});

// code-dot-org 74198: the Domain of a session's cookie was taken away, and browsers had two.
it('incompatible: a cookie without the Domain that it had', async () => {
  const old = { attributes: 'Path=/; Domain=shop.example; Secure; HttpOnly' };
  const { result } = await gate(old, {}, { hosts: ['www.shop.example', 'www.shop.example'] });
  expect(saidOf(result), JSON.stringify(result)).toEqual(['incompatible', 'cookies']);
});

it.each([
  ['the same release at both', {}, { version: '1.0.0' }, /same release/],
  [
    'a redirect back to the old one',
    {},
    { status: ({ what }: Asked) => (what === 'GET /account' ? 302 : undefined), headers: { location: 'https://shop.example/account' } },
    /redirects to https:\/\/shop\.example/,
  ],
  [
    'a login that answers 200 with an error',
    {},
    { status: ({ what }: Asked) => (what === 'POST /login' ? 200 : undefined) },
    /after the login of user b/,
  ],
  ['a limit of requests', {}, { status: (_: Asked, count: number) => (count > 8 ? 429 : undefined) }, /429/],
  [
    'a store that fails over',
    {},
    { status: ({ what }: Asked, count: number) => (count > 9 && what === 'GET /account' ? 500 : undefined) },
    /an error|unable to answer/,
  ],
  ['everybody is shown', { status: ({ what }: Asked) => (what === 'GET /account' ? 404 : undefined) }, {}, /after the login of user a/],
] as const)('not checked: %s', async (_, old, next, why) => {
  const { result } = await gate(old as Made, next as Made);
  expect(saidOf(result), JSON.stringify(result)).toEqual(['not checked']);
  expect(result.reason).toMatch(why);
});

it('an error for each page with a session of the other one is a result', async () => {
  const { result } = await gate({ failsEverywhere: true }, { form: 'json', failsEverywhere: true });
  expect(saidOf(result), JSON.stringify(result)).toEqual(['incompatible', 'forward', 'back']);
});

it.each([
  ['INGRESSCOOKIE', ['incompatible', 'forward', 'back']],
  ['a-name-of-its-own', ['not checked']],
] as const)('a cookie %s that leads back to the server before hides nothing', async (sticky, said) => {
  const { result } = await gate({}, { form: 'json' }, { hosts: ['shop.example', 'shop.example'], sticky });
  expect(saidOf(result), JSON.stringify(result)).toEqual(said);
});

it('a page of the release that is refused shows no other release', async () => {
  const { result } = await gate({}, { version: '1.0.0', status: ({ what }: Asked) => (what === 'GET /version' ? 404 : undefined) });
  expect(saidOf(result)).toEqual(['not checked']);
});

const pages = (count: number) => Array.from({ length: count }, () => ({ get: '/login' }));
const longLogOut = { logout: [...pages(2), ...RECIPE.logout] };
const chatty = { ...longLogOut, cart: { ...MORE.cart, change: Array.from({ length: 8 }, () => ({ post: '/cart' })) } };
it.each([
  ['many requests', 100, { ...chatty, login: [...pages(5), ...RECIPE.login] }, /requests were sent/],
  ['answers after 2 s', 2_000, {}, /time for it was over/],
  ['answers after 4 s, and a log-out of three requests', 4_000, longLogOut, /time for it was over/],
  ['answers after 1 s, and many requests', 1_000, chatty, /was over|were sent/],
] as const)('ends the sessions of its users within its limits: %s', async (_, answersMs, more, why) => {
  vi.useFakeTimers();
  const clock = { now: Date.now, sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)) };
  const beganAtMs = clock.now();
  const running = gate({}, {}, { clock, answersMs, more }).then((ended) => ({ ...ended, lastMs: clock.now() - beganAtMs }));
  await vi.advanceTimersByTimeAsync(2 * GATE_LIMITS.seconds * 1000);
  const { result, left, lastMs } = await running;
  expect(saidOf(result), JSON.stringify(result)).toEqual(['not checked']);
  expect(result.reason).toMatch(why);
  expect(result.sent.logins).toBeGreaterThan(2);
  expect([left, result.sent.requests <= GATE_LIMITS.requests, lastMs <= GATE_LIMITS.seconds * 1000]).toEqual([0, true, true]);
});

it('asks past caches for the pages of "release" and "cart", as for those of "who", and for no step of a log-in', async () => {
  const asked: string[] = [];
  const site: Made = {
    status: ({ what, past, headers }) => {
      asked.push(`${what}: ${past !== '' && headers['cache-control'] === 'no-cache'}`);
      return undefined;
    },
  };
  expect(saidOf((await gate(site, site)).result)).toEqual(['compatible']);
  const [pages, others] = [
    asked.filter((one) => /^GET \/(?:version|cart|account)/.test(one)),
    asked.filter((one) => /login|POST/.test(one)),
  ];
  expect([...new Set(pages.map((one) => one.split(': ')[1]))]).toEqual(['true']);
  expect(pages.length).toBeGreaterThan(6);
  expect([...new Set(others.map((one) => one.split(': ')[1]))]).toEqual(['false']);
});
