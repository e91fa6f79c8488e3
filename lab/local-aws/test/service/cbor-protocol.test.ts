import { cbor, dateToTag, tag } from '@smithy/core/cbor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwsError } from '../../service/service.ts';
import { type Fixture, service, signedFor, startFixture } from '../gateway/gateway-fixture.ts';

let fixture: Fixture;
let input: unknown;

beforeAll(async () => {
  const operations = {
    Echo: (given: Record<string, unknown>) => {
      input = given;
      return { At: new Date(1_500), Nested: [{ Absent: undefined, Text: 'é' }], Bytes: new Uint8Array([1, 2]) };
    },
    Refuse: () => {
      throw new AwsError('LimitExceeded', 'too many');
    },
  };
  fixture = await startFixture([
    service({ signingNames: ['monitoring'], protocol: { kind: 'json', version: '1.0', xmlNamespace: 'urn:m' }, operations }),
  ]);
});
afterAll(() => fixture.close());

async function call(
  operation: string,
  body: Uint8Array<ArrayBuffer>,
  path = `/service/GraniteServiceVersion20100801/operation/${operation}`,
) {
  const reply = await fetch(fixture.gateway.url + path, {
    method: 'POST',
    headers: {
      ...signedFor('monitoring'),
      'smithy-protocol': 'rpc-v2-cbor',
      'content-type': 'application/cbor',
      'x-amzn-query-mode': 'true',
    },
    body,
  });
  return { status: reply.status, headers: reply.headers, value: cbor.deserialize(new Uint8Array(await reply.arrayBuffer())) as unknown };
}
const encode = (value: unknown) => new Uint8Array(cbor.serialize(value));

describe('RPC v2 CBOR', () => {
  it('answers in CBOR, with times tagged and members without value left out', async () => {
    const { status, headers, value } = await call('Echo', encode({}));
    expect([status, headers.get('content-type'), headers.get('smithy-protocol')]).toEqual([200, 'application/cbor', 'rpc-v2-cbor']);
    expect(value).toMatchObject({ At: { tag: 1, value: 1.5 }, Nested: [{ Text: 'é' }], Bytes: new Uint8Array([1, 2]) });
  });

  it('passes dates and numbers to an operation, whatever their size on the wire', async () => {
    await call(
      'Echo',
      encode({ At: dateToTag(new Date(2_500)), Big: 2n ** 40n, Half: 0.5, List: [{ On: true }], Other: tag({ tag: 99, value: 'x' }) }),
    );
    expect(input).toEqual({ At: new Date(2_500), Big: 2 ** 40, Half: 0.5, List: [{ On: true }], Other: 'x' });
  });

  it('takes an empty body as no input', async () => {
    await call('Echo', new Uint8Array());
    expect(input).toEqual({});
  });

  it('answers errors in CBOR, with the Query code for clients that know that one', async () => {
    const { status, headers, value } = await call('Refuse', encode({}));
    expect([status, headers.get('x-amzn-query-error'), value]).toEqual([
      400,
      'LimitExceeded;Sender',
      { __type: 'LimitExceeded', message: 'too many' },
    ]);
  });

  it.each<[string, string, Uint8Array<ArrayBuffer>, string]>([
    ['an operation that is not there', '/service/S/operation/Missing', encode({}), 'UnknownOperationException'],
    ['a path that names none', '/', encode({}), 'SerializationException'],
    ['a body that is not CBOR', '/service/S/operation/Echo', new Uint8Array([0xff]), 'SerializationException'],
    ['a body that is no map', '/service/S/operation/Echo', encode([1]), 'SerializationException'],
  ])('answers %s with its error', async (_, path, body, code) => {
    expect(await call('', body, path)).toMatchObject({ status: 400, value: { __type: code } });
  });
});
