import type { SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { readFleets } from '../../../../functions/incidents/collect/fleets.ts';
import { fakeClient } from '../../fakes/fake-client.ts';
import { fleet } from './request.ts';

const names = Array.from({ length: 23 }, (_, index) => `fleet-${index}`);

function parameters(values: Readonly<Record<string, string>>) {
  const asked: string[][] = [];
  const ssm = fakeClient<SSMClient>((operation, { Names }: { Names: string[] }) => {
    expect(operation).toBe('GetParameters');
    asked.push(Names);
    const Parameters = Names.filter((name) => name in values).map((Name) => ({ Name, Value: values[Name] }));
    return { Parameters, InvalidParameters: Names.filter((name) => !(name in values)) };
  });
  return { asked, ssm };
}
const valuesOf = (fleets: readonly string[]) =>
  Object.fromEntries(
    fleets.map((name) => [`/holdfast/holdfast/incidents/${name}`, JSON.stringify({ ...fleet(), autoScalingGroup: name })]),
  );

describe('the fleets', () => {
  it('are read ten at a time, however many there are', async () => {
    const { asked, ssm } = parameters(valuesOf(names));
    const found = await readFleets(ssm, 'holdfast', names);
    expect(asked.map(({ length }) => length)).toEqual([10, 10, 3]);
    expect(Object.keys(found)).toEqual(names);
    expect(found['fleet-22']).toMatchObject({ autoScalingGroup: 'fleet-22' });
  });

  it('are refused when one is not deployed, with what to do', async () => {
    const { ssm } = parameters(valuesOf(names.slice(1)));
    await expect(readFleets(ssm, 'holdfast', names)).rejects.toThrow(
      'the parameter /holdfast/holdfast/incidents/fleet-0 does not exist: run npx --no cdk deploy --all',
    );
  });
});
