import http from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { MAX_BODY_BYTES } from '../../service/read-body.ts';
import { AwsError, type CallContext } from '../../service/service.ts';
import { type Fixture, service, signedFor, startFixture } from './gateway-fixture.ts';

let fixture: Fixture;
let calls: { input: unknown; context: CallContext }[] = [];

const operations = {
  Echo: (input: Record<string, unknown>, context: CallContext) => {
    calls.push({ input, context });
    return { Input: input };
  },
  Refuse: () => {
    throw new AwsError('NoSuchThing', 'there is no such thing', 404);
  },
  Break: () => {
    throw new TypeError('a mistake');
  },
  Check: (input: Record<string, unknown>) => z.object({ Size: z.object({ Min: z.number('must be a number') }) }).parse(input),
};

beforeAll(async () => {
  fixture = await startFixture([
    service({ signingNames: ['queried'], protocol: { kind: 'query', xmlNamespace: 'urn:q' }, operations }),
    service({ signingNames: ['jsoned', 'jsoned-alias'], protocol: { kind: 'json', version: '1.0' }, operations }),
  ]);
});
afterAll(() => fixture.close());
beforeEach(() => {
  calls = [];
  fixture.emulator.asked.length = 0;
});

const post = (headers: Record<string, string>, body: string | Buffer, path = '/') =>
  fetch(fixture.gateway.url + path, { method: 'POST', headers, body: typeof body === 'string' ? body : new Uint8Array(body) });
const query = (body: string) => post({ ...signedFor('queried'), 'content-type': 'application/x-www-form-urlencoded' }, body);
const json = (operation: string, body: string, name = 'jsoned') =>
  post({ ...signedFor(name), 'x-amz-target': `Target_2020.${operation}` }, body);

describe('local services', () => {
  it('answers Query requests in XML, with who called taken from the signature', async () => {
    const reply = await query('Action=Echo&Names.member.1=a');
    expect(reply.headers.get('content-type')).toBe('text/xml');
    expect(await reply.text()).toContain('<EchoResult><Input><Names><member>a</member></Names></Input></EchoResult>');
    expect(calls).toEqual([
      { input: { Names: ['a'] }, context: { accessKeyId: 'AKIDEXAMPLE', region: 'eu-west-1', accountId: '000000000000' } },
    ]);
  });

  it.each(['jsoned', 'jsoned-alias'])('answers JSON requests signed for %s in JSON', async (name) => {
    const reply = await json('Echo', '{"Size":3}', name);
    expect([reply.status, reply.headers.get('content-type')]).toEqual([200, 'application/x-amz-json-1.0']);
    expect(await reply.json()).toEqual({ Input: { Size: 3 } });
  });

  it('takes a JSON request without a body as one without input', async () => {
    expect(await (await json('Echo', '')).json()).toEqual({ Input: {} });
  });

  it.each([
    ['Refuse', 404, 'NoSuchThing', 'there is no such thing'],
    ['Break', 500, 'InternalFailure', 'a mistake'],
    ['Check', 400, 'ValidationError', 'Size: Invalid input: expected object, received undefined'],
  ])('turns what %s throws into the error of both protocols', async (operation, status, code, message) => {
    const asJson = await json(operation, '{}');
    expect([asJson.status, await asJson.json()]).toEqual([status, { __type: code, message }]);
    const asXml = await query(`Action=${operation}`);
    expect(asXml.status).toBe(status);
    expect(await asXml.text()).toContain(`<Code>${code}</Code><Message>${message}</Message>`);
  });

  it('names the wrong field of an input', async () => {
    expect(await (await json('Check', '{"Size":{"Min":"x"}}')).json()).toEqual({
      __type: 'ValidationError',
      message: 'Size.Min: must be a number',
    });
  });

  it.each(['Missing', 'toString', 'constructor', ''])('answers an action %j that the service does not have', async (action) => {
    const asXml = await query(`Action=${action}`);
    expect([asXml.status, await asXml.text()]).toEqual([400, expect.stringContaining('<Code>InvalidAction</Code>')]);
    expect(await (await json(action, '{}')).json()).toMatchObject({ __type: 'UnknownOperationException' });
    expect(fixture.emulator.asked).toEqual([]);
  });

  it.each(['{"Size":', '[1]', 'null', '"text"'])('answers the JSON body %s with SerializationException', async (body) => {
    const reply = await json('Echo', body);
    expect([reply.status, await reply.json()]).toEqual([400, expect.objectContaining({ __type: 'SerializationException' })]);
  });

  it('unpacks a compressed body', async () => {
    const headers = { ...signedFor('jsoned'), 'x-amz-target': 'T.Echo', 'content-encoding': 'gzip' };
    expect(await (await post(headers, gzipSync('{"A":1}'))).json()).toEqual({ Input: { A: 1 } });
    expect(await (await post(headers, Buffer.from('not gzip'))).json()).toMatchObject({ __type: 'SerializationException' });
  });

  it("refuses a body that is too large with 413, in the caller's protocol, packed or not", async () => {
    const large = Buffer.alloc(MAX_BODY_BYTES + 1, 'a');
    const asXml = await query(`Action=Echo&A=${large}`);
    expect([asXml.status, await asXml.text()]).toEqual([413, expect.stringContaining('<Code>RequestTooLarge</Code>')]);
    const target = { ...signedFor('jsoned'), 'x-amz-target': 'T.Echo' };
    for (const reply of [await post(target, large), await post({ ...target, 'content-encoding': 'gzip' }, gzipSync(large))]) {
      expect([reply.status, await reply.json()]).toEqual([413, expect.objectContaining({ __type: 'RequestTooLarge' })]);
    }
    expect(calls).toEqual([]);
  });
});

describe('everything else', () => {
  it('goes to the emulator as it came, and its answer back', async () => {
    const reply = await post({ ...signedFor('sqs'), 'x-some': 'header' }, 'some body', '/queue?x=1');
    expect([reply.status, reply.headers.get('x-emulator'), await reply.text()]).toEqual([201, 'yes', 'from the emulator']);
    expect(fixture.emulator.asked).toEqual([
      { method: 'POST', path: '/queue?x=1', body: 'some body', headers: expect.objectContaining({ 'x-some': 'header' }) },
    ]);
  });

  it('goes there without a signature too, as presigned URLs have none', async () => {
    await fetch(`${fixture.gateway.url}/bucket/key?X-Amz-Signature=0`);
    expect(fixture.emulator.asked[0]?.path).toBe('/bucket/key?X-Amz-Signature=0');
  });

  it.each(['/bucket/a/../b', '//127.0.0.2/x', '/bucket/./c%2Fd'])('keeps the path %s, which can be the key of an object', async (path) => {
    const status = await new Promise((resolve, reject) => {
      const { hostname, port } = new URL(fixture.gateway.url);
      http
        .get({ hostname, port, path }, (reply) => {
          reply.resume();
          resolve(reply.statusCode);
        })
        .on('error', reject);
    });
    expect([status, fixture.emulator.asked[0]?.path]).toEqual([201, path]);
  });

  it('sends a whole request once more on a new connection when the emulator closed the one that was kept open', async () => {
    fixture.emulator.closesKept = true;
    const calls = [1, 2, 3].map((call) => JSON.stringify({ call }));
    for (const body of calls) {
      const reply = await fetch(`${fixture.gateway.url}/2015-03-31/functions`, { method: 'POST', headers: signedFor('lambda'), body });
      expect([reply.status, await reply.text()]).toEqual([201, 'from the emulator']);
    }
    expect(fixture.emulator.asked.map(({ body }) => body)).toEqual(calls);
  });

  it('is a 503 with a sentence while the emulator does not answer', async () => {
    const lonely = await startFixture([]);
    await lonely.emulator.close();
    const reply = await fetch(lonely.gateway.url, { method: 'POST', headers: signedFor('sqs') });
    expect([reply.status, await reply.text()]).toEqual([503, expect.stringContaining('the emulator does not answer')]);
    await lonely.close();
  });
});

it('does not start when two services answer for one signing name', async () => {
  const twice = service({ signingNames: ['monitoring'] });
  await expect(startFixture([twice, twice])).rejects.toThrow('two local services answer for monitoring');
});
