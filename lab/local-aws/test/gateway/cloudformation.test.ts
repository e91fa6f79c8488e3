import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AwsError, type ResourceProvider } from '../../service/service.ts';
import { type Fixture, service, startFixture } from './gateway-fixture.ts';

let fixture: Fixture;
let asked: unknown[] = [];

const provider: ResourceProvider = {
  create: async (request) => {
    asked.push(['create', request.properties]);
    if (request.properties['Refused']) throw new AwsError('ThingQuotaExceeded', 'there are too many things');
    if (request.properties['Broken']) throw new TypeError('a mistake');
    z.object({ Name: z.string('must be a text') }).parse(request.properties);
    return { physicalId: `thing-${request.logicalId}`, attributes: { 'Endpoint.Port': '80' } };
  },
  update: async ({ physicalId, previous, properties }) => {
    asked.push(['update', previous, properties]);
    return { physicalId, attributes: {} };
  },
  delete: async ({ physicalId }) => {
    asked.push(['delete', physicalId]);
  },
};

beforeAll(async () => {
  fixture = await startFixture([service({ resourceTypes: { 'Test::A::Thing': provider } })]);
});
afterAll(() => fixture.close());
beforeEach(() => {
  asked = [];
  fixture.logged.length = 0;
});

async function ask(body: Record<string, unknown>, path = 'cloudformation') {
  const reply = await fetch(`${fixture.gateway.url}/_holdfast/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'Test::A::Thing', logicalId: 'Mine', stackName: 'stack', properties: {}, ...body }),
  });
  return { status: reply.status, body: (await reply.json()) as unknown };
}

describe('CloudFormation', () => {
  it('names every type that a service provides', async () => {
    const { types } = (await (await fetch(`${fixture.gateway.url}/_holdfast/cloudformation/types`)).json()) as { types: string[] };
    expect(types).toEqual(expect.arrayContaining(['Test::A::Thing']));
  });

  it('creates, updates and deletes through the provider', async () => {
    expect(await ask({ action: 'create', properties: { Name: 'a' } })).toEqual({
      status: 200,
      body: { physicalId: 'thing-Mine', attributes: { 'Endpoint.Port': '80' } },
    });
    await ask({ action: 'update', physicalId: 'thing-Mine', previous: { Name: 'a' }, properties: { Name: 'b' } });
    expect(await ask({ action: 'delete', physicalId: 'thing-Mine' })).toEqual({ status: 200, body: {} });
    expect(asked).toEqual([
      ['create', { Name: 'a' }],
      ['update', { Name: 'a' }, { Name: 'b' }],
      ['delete', 'thing-Mine'],
    ]);
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    ['the refusal of a provider', { properties: { Refused: true } }, 'ThingQuotaExceeded', 'there are too many things'],
    ['a wrong property by its name', { properties: { Name: 1 } }, 'ValidationError', 'Name: must be a text'],
    ['a mistake in a provider', { properties: { Broken: true } }, 'InternalFailure', 'a mistake'],
    [
      'a type that nobody provides',
      { type: 'Test::A::Riddle' },
      'ValidationError',
      'Template format error: Unrecognized resource types: [Test::A::Riddle]',
    ],
  ])('passes on %s', async (_, body, code, message) => {
    expect(await ask({ action: 'create', ...body })).toEqual({ status: 400, body: { code, message } });
    expect(fixture.logged.join()).toContain(code === 'InternalFailure' ? 'TypeError: a mistake' : `${code}: ${message}`);
  });

  it('refuses an action that CloudFormation does not have', async () => {
    expect(await ask({ action: 'import' })).toMatchObject({ status: 400, body: { code: 'ValidationError' } });
  });

  it('does not start when two services provide one type', async () => {
    const twice = service({ resourceTypes: { 'Test::A::Thing': provider } });
    await expect(startFixture([twice, twice])).rejects.toThrow('two local services provide Test::A::Thing');
  });
});

describe('internal requests', () => {
  it('accepts log lines', async () => {
    const line = { logGroup: '/aws/lambda/f', logStream: 's', message: '{"_aws":{}}' };
    expect((await ask(line, 'log-lines')).status).toBe(200);
    expect(fixture.logLines).toEqual([expect.objectContaining(line)]);
  });

  it('answers 404 for anything else, and passes none of it on', async () => {
    expect(await ask({}, 'other')).toMatchObject({ status: 404, body: { code: 'NotFound' } });
    expect(fixture.emulator.asked).toEqual([]);
  });

  it('refuses what a page in a browser can send without a preflight', async () => {
    const body = JSON.stringify({ action: 'delete', type: 'Test::A::Thing', physicalId: 'x' });
    const reply = await fetch(`${fixture.gateway.url}/_holdfast/cloudformation`, { method: 'POST', body });
    expect([reply.status, asked]).toEqual([415, []]);
  });

  it('answers a body that is not JSON with a sentence', async () => {
    const reply = await fetch(`${fixture.gateway.url}/_holdfast/cloudformation`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{',
    });
    expect([reply.status, await reply.json()]).toEqual([400, expect.objectContaining({ code: expect.any(String) })]);
  });
});
