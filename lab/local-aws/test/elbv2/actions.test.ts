import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorld, pause, send, type World } from './support.ts';

const fixed = (StatusCode: string, MessageBody?: string, ContentType?: string) => ({
  Type: 'fixed-response',
  FixedResponseConfig: { StatusCode, MessageBody, ContentType },
});
const redirect = (config: Record<string, string>) => ({ Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_302', ...config } });
const path = (...Values: string[]) => ({ Field: 'path-pattern', PathPatternConfig: { Values } });

describe('rules', () => {
  let world: World;
  beforeEach(() => {
    world = createWorld();
  });
  afterEach(() => world.stop());
  const createRule = async (ListenerArn: string, Priority: number, Conditions: unknown[], ...Actions: unknown[]) => {
    const created = await world.call<{ Rules: { RuleArn: string }[] }>('CreateRule', {
      ListenerArn,
      Priority: String(Priority),
      Conditions,
      Actions,
    });
    return created.Rules[0]?.RuleArn ?? '';
  };

  // ELB user guide, rule-action-types: Fixed-response actions. No other header can be set.
  it('answer with a fixed response of status, type and body only', async () => {
    const { port } = await world.front([fixed('503', '<h1>Log in again</h1>', 'text/html')]);
    const reply = await send(port);
    expect(reply).toMatchObject({ status: 503, body: '<h1>Log in again</h1>' });
    expect(Object.keys(reply.headers).toSorted()).toEqual(['connection', 'content-length', 'content-type', 'date', 'server']);
    expect(reply.headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', server: 'awselb/2.0' });
  });

  // ELB user guide, rule-action-types: Redirect actions.
  it.each([
    ['another path', { Path: '/new/#{path}' }, (port: number) => `http://127.0.0.1:${port}/new/a/b?c=d`],
    ['another host and port', { Protocol: 'HTTPS', Host: 'www.example.com', Port: '443' }, () => 'https://www.example.com/a/b?c=d'],
    [
      'another query',
      { Host: 'x', Port: '80', Query: 'from=#{host}&#{query}' },
      (port: number) => `http://x:${port}/a/b?from=127.0.0.1&c=d`,
    ],
  ])('redirect to %s', async (_, config, expected) => {
    const { port } = await world.front([redirect(config)]);
    const reply = await send(port, '/a/b?c=d');
    expect(reply.status).toBe(302);
    expect(reply.headers.location).toBe(expected(port));
  });

  it('are taken in order of priority, and the new order holds after SetRulePriorities', async () => {
    const { listener, port } = await world.front([fixed('404')]);
    await createRule(listener, 20, [path('/a*')], fixed('200', 'twenty'));
    const second = await createRule(listener, 30, [path('/a*')], fixed('200', 'thirty'));
    expect((await send(port, '/ab')).body).toBe('twenty');
    await world.call('SetRulePriorities', { RulePriorities: [{ RuleArn: second, Priority: '10' }] });
    expect((await send(port, '/ab')).body).toBe('thirty');
    await world.call('ModifyRule', { RuleArn: second, Conditions: [path('/other')] });
    expect((await send(port, '/ab')).body).toBe('twenty');
    await world.call('DeleteRule', { RuleArn: second });
    expect((await send(port, '/other')).status).toBe(404);
  });

  it('take effect after the propagation lag', async () => {
    await world.stop();
    world = createWorld({ propagationLagMs: 2_000 });
    const { listener, port } = await world.front([fixed('404')]);
    await createRule(listener, 1, [path('/*')], fixed('200', 'new'));
    expect((await send(port)).status).toBe(404);
    await pause(2_010);
    expect((await send(port)).status).toBe(200);
  });
});
