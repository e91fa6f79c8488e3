/** Every row of the table of limits, through the gateway: its value is taken, one more is refused with the service's code. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FieldLimit, LIMITS, type Measure, type OperationLimits } from '../../../../functions/shared/limits/service-limits.ts';
import { type Fixture, service, signedFor, startFixture } from './gateway-fixture.ts';

const items = (count: number, item: unknown = { Key: 'k' }) => Array.from({ length: count }, () => item);
const OF_SIZE: Readonly<Record<Measure, (size: number) => unknown>> = {
  characters: (size) => 'é'.repeat(size),
  bytes: (size) => 'x'.repeat(size),
  decodedBytes: (size) => Buffer.alloc(size, 'x').toString('base64'),
  policy: (size) => `{ "a":\n "${'x'.repeat(size - '{"a":""}'.length)}" }`,
  count: (size) => items(size),
  widgets: (size) => JSON.stringify({ widgets: items(size, { type: 'text' }) }),
  stateName: (size) => JSON.stringify({ States: { a: { States: { ['s'.repeat(size)]: {} } } } }),
  conditionValues: (size) => [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'x', RegexValues: items(size, 'a') } }],
  conditionWildcards: (size) => [{ Field: 'path-pattern', Values: [`\\*${'*'.repeat(size)}`] }],
  item: (size) => ({ id: { S: 'x'.repeat(size - 'id'.length) } }),
};

/** An input whose value at `path` has this size. */
function inputWith(path: string, { measure }: FieldLimit, size: number): Record<string, unknown> {
  const steps = path.replace(/!$/, '').split('.');
  return steps.reduceRight<unknown>((value, step, at) => {
    const [, name = '', list, having] = /^(\w+)(?:(\[)(\w*)\])?$/.exec(step) ?? [];
    const isLast = at === steps.length - 1;
    if (having) return { [name]: items(size, { [having]: 'x' }) };
    if (list !== undefined && !isLast) return { [name]: [value] };
    return { [name]: value };
  }, OF_SIZE[measure](size)) as Record<string, unknown>;
}

const OWN = ['monitoring', 'ssm', 'elasticloadbalancing', 'autoscaling', 'elasticache'];
const FORMS = ['iam', 'ec2', 'sns', 'cloudformation'];
const PATHS: Readonly<Record<string, readonly [method: string, path: string]>> = {
  CreateFunction: ['POST', '/2015-03-31/functions'],
  UpdateFunctionConfiguration: ['PUT', '/2015-03-31/functions/f/configuration'],
  UpdateFunctionCode: ['PUT', '/2015-03-31/functions/f/code'],
  CreateSchedule: ['POST', '/schedules/s'],
  UpdateSchedule: ['PUT', '/schedules/s'],
};

const form = (value: unknown, name: string): [string, string][] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, one]) =>
        form(one, [name, Array.isArray(value) ? `member.${Number(key) + 1}` : key].filter(Boolean).join('.')),
      )
    : [[name, String(value)]];

let fixture: Fixture;
const own = OWN.map((name) => {
  const operations = LIMITS.filter((one) => one.service === name).flatMap((one) => one.operations);
  return service({ signingNames: [name], operations: Object.fromEntries(operations.map((operation) => [operation, () => ({})])) });
});
beforeAll(async () => {
  fixture = await startFixture(own);
});
afterAll(() => fixture.close());

async function call({ service: name, operations }: OperationLimits, input: unknown): Promise<string> {
  const [operation = ''] = operations;
  const [method, path] = PATHS[operation] ?? ['POST', '/'];
  const [headers, body] = FORMS.includes(name)
    ? [{ 'content-type': 'application/x-www-form-urlencoded' }, new URLSearchParams([['Action', operation], ...form(input, '')]).toString()]
    : [PATHS[operation] ? {} : { 'x-amz-target': `T.${operation}` }, JSON.stringify(input)];
  const reply = await fetch(fixture.gateway.url + path, { method, headers: { ...signedFor(name), ...headers }, body });
  return reply.ok ? 'taken' : `${reply.headers.get('x-amzn-errortype') ?? ''} ${await reply.text()}`;
}

async function create({ type }: OperationLimits, properties: unknown): Promise<string> {
  const reply = await fetch(`${fixture.gateway.url}/_holdfast/cloudformation`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ action: 'check', type, properties }),
  });
  return reply.ok ? 'taken' : await reply.text();
}

describe.each(LIMITS.map((limits) => [`${limits.service} ${limits.operations[0]} ${limits.where?.values[1] ?? ''}`, limits] as const))(
  '%s',
  (_, limits) => {
    const rows = Object.entries(limits.fields);
    it.each(rows)('takes %s up to its limit, and refuses one more', async (field, limit) => {
      const code = limit.code ?? limits.code;
      // Where another row is stricter without it.
      const more = limits.fields['Value'] && !limits.where ? { Tier: 'Advanced' } : {};
      expect(await call(limits, { ...more, ...inputWith(field, limit, limit.most) })).toBe('taken');
      expect(await call(limits, { ...more, ...inputWith(field, limit, limit.most + 1) })).toContain(code);
      if (limits.type === undefined) return;
      const property = limit.property ?? field;
      expect(await create(limits, { ...more, ...inputWith(property, limit, limit.most) })).toBe('taken');
      expect(await create(limits, { ...more, ...inputWith(property, limit, limit.most + 1) })).toContain(code);
    });
  },
);

it('measures the environment of a function as Lambda does: as JSON, with the escapes of quotes', async () => {
  const limits = LIMITS.find(({ operations }) => operations[0] === 'CreateFunction') as OperationLimits;
  const variables = (quotes: number) => ({ Environment: { Variables: { SETTINGS: '"'.repeat(quotes) } } });
  // {"SETTINGS":""} are 15 bytes, and each quote two more.
  expect(await call(limits, variables(2_040))).toBe('taken');
  expect(await call(limits, variables(2_041))).toContain('InvalidParameterValueException');
});

it.each([null, 0, 'null', '{', [], {}, { a: null }, { a: {} }])('leaves a value of another kind to its service: %j', async (value) => {
  for (const limits of LIMITS)
    for (const field of Object.keys(limits.fields).filter((path) => /^\w+!?$/.test(path)))
      expect(await call(limits, { [field.replace('!', '')]: value })).toBe('taken');
});

it('has a source of every row', () => {
  for (const { source } of LIMITS) expect(source).toMatch(/^https:\/\/docs\.aws\.amazon\.com\/.*\.html$/);
});
