/** The limits of a run: how often it asks, and when it stops. */
import { describe, expect, it } from 'vitest';
import { NoAnswer } from '../../../functions/canary/contract/errors.ts';
import { createPace, MOST_LOGINS, MOST_REQUESTS } from '../../../functions/canary/http/pace.ts';
import { createSend, type HttpAnswer, type HttpRequest } from '../../../functions/canary/http/send.ts';
import { virtualClock } from './virtual-clock.ts';

const MINUTE_MS = 60_000;
const request: HttpRequest = { method: 'GET', url: new URL('https://shop/'), headers: {} };
const answer = (status: number): HttpAnswer => ({ status, headers: {}, setCookies: [], body: '' });

describe('a request without an answer', () => {
  it('is named by its origin, since a path that a redirect led to can have an id', async () => {
    const url = new URL('http://127.0.0.1:1/home;jsessionid=0123456789ABCDEF');
    const error = await createSend()({ method: 'GET', url, headers: {} }, 1_000).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NoAnswer);
    expect((error as NoAnswer).message).toBe(
      'GET http://127.0.0.1:1: no answer (ECONNREFUSED: nothing listens there, or a firewall says no)',
    );
  });
});

describe('the pace', () => {
  it('is at most two requests a second', async () => {
    const clock = virtualClock();
    const pace = createPace(async () => answer(200), clock);
    const startMs = clock.now();
    for (let times = 0; times < 11; times += 1) await pace.ask(request);
    expect(clock.now() - startMs).toBeGreaterThanOrEqual(5_000);
  });

  it.each([
    ['429', [200, 429], 2],
    ['423', [423], 1],
    ['three 5xx', [500, 200, 502, 200, 503], 5],
  ])('stops at %s', async (_, statuses, sent) => {
    const left = [...statuses];
    const pace = createPace(async () => answer(left.shift() ?? 200), virtualClock());
    const ask = async () => {
      for (let times = 0; times < 10; times += 1) await pace.ask(request);
    };
    await expect(ask()).rejects.toThrow(expect.objectContaining({ name: 'RunStopped' }));
    await expect(pace.ask(request)).rejects.toThrow(expect.objectContaining({ name: 'RunStopped' }));
    expect(pace.sent.requests).toBe(sent);
  });

  it('stops when three answers do not come', async () => {
    const pace = createPace(async () => Promise.reject(new NoAnswer('GET /', 'ETIMEDOUT', 'late')), virtualClock());
    for (let times = 0; times < 2; times += 1)
      await expect(pace.ask(request)).rejects.toThrow(expect.objectContaining({ name: 'NoAnswer' }));
    await expect(pace.ask(request)).rejects.toThrow(expect.objectContaining({ name: 'RunStopped' }));
  });

  it('stops when its time is over', async () => {
    const clock = virtualClock();
    const pace = createPace(async () => answer(200), clock, { untilMs: clock.now() + 2_000 });
    for (let times = 0; times < 4; times += 1) await pace.ask(request);
    await expect(pace.ask(request)).rejects.toThrow(/time for it was over/);
    expect(pace.sent.requests).toBe(4);
  });

  it('takes no answer within what is left of its time for the end of its time', async () => {
    const clock = virtualClock();
    const none = new NoAnswer('GET https://shop', 'ETIMEDOUT', 'none within 0.7 s');
    const pace = createPace(() => Promise.reject(none), clock, { untilMs: clock.now() + 700 });
    await expect(pace.ask(request)).rejects.toThrow('the time for it was over');
  });

  it('waits for no turn that comes after its time, so that it ends in time', async () => {
    const clock = virtualClock();
    const untilMs = clock.now() + 700;
    const pace = createPace(async () => answer(200), clock, { untilMs });
    for (const _ of [1, 2]) await pace.ask(request);
    for (const _ of [1, 2, 3]) await expect(pace.ask(request)).rejects.toThrow('the time for it was over');
    expect(clock.now()).toBeLessThan(untilMs);
  });

  it('has as many logins in a minute as the site allows, and ends before one that would come too late', async () => {
    const clock = virtualClock();
    const startMs = clock.now();
    const pace = createPace(async () => answer(200), clock, { loginsPerMinute: 4, untilMs: startMs + MINUTE_MS + 1 });
    for (let times = 0; times < 5; times += 1) await pace.countLogin();
    expect(clock.now() - startMs).toBe(MINUTE_MS);
    await pace.restAfterLogin();
    expect(clock.now() - startMs).toBe(1.25 * MINUTE_MS);
    await expect(pace.countLogin()).rejects.toThrow(/time for it was over/);
  });

  it('has no rest after logins without such a limit', async () => {
    const clock = virtualClock();
    const [pace, startMs] = [createPace(async () => answer(200), clock), clock.now()];
    for (let times = 0; times < 5; times += 1) await pace.countLogin();
    await pace.restAfterLogin();
    expect(clock.now()).toBe(startMs);
  });

  it('stops at the limits', async () => {
    const pace = createPace(async () => answer(200), virtualClock());
    for (let times = 0; times < MOST_REQUESTS; times += 1) await pace.ask(request);
    await expect(pace.ask(request)).rejects.toThrow(/300 requests/);
    const other = createPace(async () => answer(200), virtualClock());
    for (let times = 0; times < MOST_LOGINS; times += 1) await other.countLogin();
    await expect(other.countLogin()).rejects.toThrow(/20 logins/);
    const more = createPace(async () => answer(200), virtualClock(), { mostLogins: 30 });
    for (let times = 0; times < 30; times += 1) await more.countLogin();
    await expect(more.countLogin()).rejects.toThrow(/30 logins/);
  });

  it('goes on with what was kept back where its own limits have stopped it, and not where the site has', async () => {
    const clock = virtualClock();
    const pace = createPace(async () => answer(200), clock, { mostRequests: 3, mostLogins: 0, untilMs: clock.now() + MINUTE_MS });
    pace.keepBack(() => 1);
    for (const _ of [1, 2]) await pace.ask(request);
    await expect(pace.ask(request)).rejects.toThrow('2 requests were sent, which is the limit');
    pace.keepBack(() => 0);
    await pace.ask(request);
    await expect(pace.countLogin()).rejects.toThrow(/0 logins/);
    await expect(pace.ask(request)).rejects.toThrow(/0 logins/);
    pace.keepBack(() => 0);
    await expect(pace.ask(request)).rejects.toThrow('3 requests were sent, which is the limit');
    const refused = createPace(async () => answer(429), clock);
    await expect(refused.ask(request)).rejects.toThrow(/429/);
    refused.keepBack(() => 0);
    await expect(refused.ask(request)).rejects.toThrow(/429/);
    expect(refused.sent.requests).toBe(1);
  });
});
