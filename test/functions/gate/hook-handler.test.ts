/** What the hook's function puts on record: for the next question in its own table, and for people in an installation's. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { GATE_ENV } from '../../../functions/gate/contract.ts';
import { RECORDS_ENV } from '../../../functions/records/keys.ts';

const DEPLOYMENT = 'arn:aws:ecs:eu-west-1:111122223333:service-deployment/shop/web/abc';
const user = (name: string) => ({ name, password: { secret: `shop/${name}` } });
const RECIPE = {
  users: { a: user('gate-anna'), b: user('gate-ben') },
  login: [{ post: '/login', form: { user: '{name}', password: '{password}' } }],
  who: { get: '/account' },
  release: { get: '/version', take: { json: 'version' } },
};

interface Put {
  readonly TableName: string;
  readonly Item: Readonly<Record<string, { readonly S?: string; readonly N?: string }>>;
}
let server: Server;
let puts: Put[];
/** Tables that there are. */
let tables: readonly string[];
beforeEach(async () => {
  puts = [];
  tables = ['own', 'holdfast-records'];
  server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const call = `${request.headers['x-amz-target']}`.split('.').at(-1);
    const input = JSON.parse(body) as Put;
    if (call === 'PutItem' && !tables.includes(input.TableName))
      return response.writeHead(400).end(JSON.stringify({ __type: 'ResourceNotFoundException', message: 'Requested resource not found' }));
    if (call === 'PutItem') puts.push(input);
    return response.end(call === 'UpdateItem' ? '{"Attributes":{}}' : '{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const environment = {
    ...{ AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret', AWS_LAMBDA_FUNCTION_NAME: 'shop-gate' },
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [GATE_ENV.addresses]: JSON.stringify({ old: 'https://shop.example/', new: 'https://shop.example:8443/' }),
    [GATE_ENV.recipe]: JSON.stringify(RECIPE),
    [RECORDS_ENV.recordsTable]: 'own',
    [GATE_ENV.installation]: 'holdfast-records',
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
});
afterEach(() => {
  vi.unstubAllEnvs();
  server.close();
});
const ask = async (event: object) => (await import('../../../functions/gate/hook/handler.ts')).handler(event);
// No password can be read.
const UNCHECKED = { hookStatus: 'SUCCEEDED', hookDetails: { verdict: 'not checked' } };

it("has a deployment's verdict in the records of the installation, and in its own", async () => {
  expect(await ask({ resourceArn: DEPLOYMENT })).toEqual(UNCHECKED);
  expect(puts.map(({ TableName, Item }) => [TableName, Item['pk']?.S])).toEqual([
    ['holdfast-records', 'GATES'],
    ['own', `GATE#${DEPLOYMENT}`],
  ]);
  const { Item } = puts[0] as Put;
  expect(Item).toMatchObject({ verdict: { S: 'not checked' }, gate: { S: 'shop-gate' }, deployment: { S: DEPLOYMENT } });
  expect(Item['sk']?.S).toBe(`ENDED#${Item['endedAtMs']?.N?.padStart(15, '0')}#shop-gate`);
});

it('has one without an id in those of the installation alone', async () => {
  expect(await ask({})).toEqual(UNCHECKED);
  expect(puts.map(({ TableName }) => TableName)).toEqual(['holdfast-records']);
});

it('needs no installation, nor one that is there', async () => {
  tables = ['own'];
  expect(await ask({ resourceArn: DEPLOYMENT })).toEqual(UNCHECKED);
  vi.stubEnv(GATE_ENV.installation, '');
  expect(await ask({ resourceArn: DEPLOYMENT })).toEqual(UNCHECKED);
  expect(puts.map(({ TableName }) => TableName)).toEqual(['own', 'own']);
});
