import { describe, expect, it } from 'vitest';
import { Visitor } from '../../incident-faults/visitors/visitor.ts';
import type { UserRequest } from '../../traffic/http-client.ts';

/** Answers with these statuses, and a cookie each time; keeps what was sent. */
function site(...statuses: number[]) {
  const sent: UserRequest[] = [];
  const send = async (request: UserRequest) => {
    sent.push(request);
    const status = statuses[sent.length - 1] ?? 200;
    const setCookie = [`SID=${sent.length}; Path=/`, `AWSALB=${sent.length}; Path=/`];
    return { answer: { kind: 'answered' as const, status, body: '' }, setCookie };
  };
  return { sent, options: { sender: { send }, secure: true } };
}

describe('a visitor', () => {
  it('logs in, comes back with its cookies, and logs in anew after a 401', async () => {
    const { sent, options } = site(200, 200, 401, 200);
    const visitor = new Visitor('ann', options);
    for (let visit = 0; visit < 3; visit += 1) await visitor.comeBack();
    expect(sent.map(({ path, cookie }) => [path, cookie])).toEqual([
      ['/login', undefined],
      ['/count', 'SID=1; AWSALB=1'],
      ['/count', 'SID=2; AWSALB=2'],
      ['/login', 'SID=3; AWSALB=3'],
    ]);
  });

  it("drops the load balancer's cookies alone, where its browser does", async () => {
    const { sent, options } = site();
    const visitor = new Visitor('ann', { ...options, dropsBalancerCookies: true });
    await visitor.comeBack();
    await visitor.comeBack();
    expect(sent[1]?.cookie).toBe('SID=1');
  });

  it('comes by a link of another site without a cookie', async () => {
    const { sent, options } = site();
    await new Visitor('ann', options).returnFromOtherSite();
    expect(sent[1]).toMatchObject({ path: '/count', headers: { referer: 'https://pay.example.com/done', 'sec-fetch-site': 'cross-site' } });
    expect(sent[1]?.cookie).toBeUndefined();
  });

  it('is a crawler that keeps no cookie', async () => {
    const { sent, options } = site();
    const bot = new Visitor('bot', { ...options, agent: 'ExampleBot/1.0' });
    await bot.look();
    await bot.look();
    expect(sent.map(({ cookie, headers }) => [cookie, headers?.['user-agent']])).toEqual([
      [undefined, 'ExampleBot/1.0'],
      [undefined, 'ExampleBot/1.0'],
    ]);
  });
});
