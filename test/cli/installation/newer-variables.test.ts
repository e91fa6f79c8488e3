import { type DescribeParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { expect, it } from 'vitest';
import { newerLines, newerThan, parametersOf, parameterVersions } from '../../../cli/installation/newer-variables.ts';

const instance = (instanceId: string, environment?: Record<string, string>) => ({
  ...{ instanceId, version: '1.0.0', installedAtMs: 1 },
  ...(environment && { environment }),
});
const cloud = { installation: 'holdfast', fleet: 'web', region: 'eu-west-1', awsOptions: '' } as unknown as Parameters<
  typeof newerLines
>[1];

it('names what each server was started with in another version, or without', () => {
  const current = { list: '3', DB_PASSWORD: 'v2' };
  const servers = [instance('i-1', current), instance('i-2', { list: '3', DB_PASSWORD: 'v1', GONE: 'x' }), instance('i-3')];
  const newer = newerThan(current, servers);
  expect(newer).toEqual({ 'i-2': ['DB_PASSWORD'], 'i-3': ['list', 'DB_PASSWORD'] });
  expect(newerLines(newer, cloud)).toEqual([
    expect.stringMatching(/^configuration newer than the servers. Restart them, one at a time, with: \.\/holdfast restart --all /),
    '  i-2  DB_PASSWORD',
    '  i-3  environment, DB_PASSWORD',
  ]);
});

it('says nothing of current servers and of fleets without variables, and why it could not compare', () => {
  expect(newerLines({}, cloud)).toEqual([]);
  expect(newerLines(undefined, cloud)).toEqual([]);
  expect(newerLines({ unread: 'AccessDenied' }, cloud)).toEqual([
    'configuration not compared with what the servers were started with: AccessDenied',
  ]);
});

it('asks for fifty parameters at a time, which is the most that a filter takes', async () => {
  const names = Array.from({ length: 120 }, (_, at) => `/shop/${at}`);
  const asked: number[] = [];
  const ssm = new SSMClient({ region: 'eu-west-1' });
  const send = async ({ input }: DescribeParametersCommand) => {
    const { Values = [] } = input.ParameterFilters?.[0] ?? {};
    asked.push(Values.length);
    return { Parameters: Values.map((Name) => ({ Name, Version: 2 })) };
  };
  Object.assign(ssm, { send });
  const versions = await parameterVersions(ssm, names);
  expect([asked, versions.size, versions.get('/shop/119')]).toEqual([[50, 50, 20], 120, '2']);
});

it('compares no parameter of another account with ours of the same name', () => {
  const variables = { A: { parameter: '/a' }, B: { parameter: 'arn:aws:ssm:eu-west-1:999988887777:parameter/a' }, C: 'text' };
  expect(parametersOf(variables, { account: '111122223333', installation: 'holdfast', fleet: 'web' })).toEqual({
    list: '/holdfast/holdfast/web/environment',
    A: '/a',
  });
});
