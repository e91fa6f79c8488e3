import type { EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../cli/doctor/diagnose.ts';
import { chooseZones } from '../../../cli/installation/init.ts';
import { readZones } from '../../../cli/installation/read-zones.ts';
import { judgeZones } from '../../../functions/checks/watching.ts';
import { healthy, inExistingNetwork, knownAs, subjectOf } from '../doctor/healthy-fleet.ts';

const ABC = ['a', 'b', 'c'];

describe('the zones of a configuration', () => {
  it.each([
    ['all exist', ABC, ['a', 'b', 'c', 'd'], [], ABC],
    ['one does not (Tokyo)', ABC, ['a', 'c', 'd'], ['b'], ['a', 'c', 'd']],
    ['the account has two (northern California)', ABC, ['a', 'c'], ['b'], ['a', 'c']],
    ['the account has other ones', ['a', 'b'], ['c', 'd', 'e'], ['a', 'b'], ['c', 'd']],
    ['the account has one (Osaka, before 2021)', ABC, ['a'], ['b', 'c'], ['a']],
    ['the account has none', ABC, [], ABC, []],
  ])('%s', (_, configured, ofAccount, missing, instead) => {
    expect(judgeZones(configured, ofAccount)).toEqual({ missing, instead });
  });
});

describe('doctor on zones that the account does not have', () => {
  const said = (value: string[], subject = subjectOf()) =>
    diagnose({ ...healthy, zones: knownAs(value) }, subject).filter(({ check }) => check === 'zones');
  const fix = (...value: string[]) => said(value).map((one) => one.fix);

  it('prints those to configure', () => {
    expect(fix('a', 'c', 'd')).toEqual(['set "zones": ["a","c","d"] in the configuration']);
    expect(fix('a')).toEqual(['choose another Region: Holdfast needs two zones']);
  });

  it('says nothing of the zones of an existing network', () => {
    expect(said(['d'], subjectOf(undefined, inExistingNetwork))).toEqual([]);
  });
});

describe('the zones that init writes', () => {
  const of = (...value: string[]) => chooseZones('ap-northeast-1', ABC, { state: 'known', value });

  it('are the account’s, if it lacks one of the default', () => {
    expect(of('a', 'c', 'd')).toEqual({
      written: ['a', 'c', 'd'],
      found: ['a', 'c', 'd'],
      line: 'zones of this account in ap-northeast-1: a, c and d; it does not have b, so the configuration has a, c and d',
    });
    expect(of('a', 'b', 'c', 'd')).toEqual({ found: ['a', 'b', 'c', 'd'], line: 'zones of this account in ap-northeast-1: a, b, c and d' });
  });

  it.each([
    [['a'], 'The account has only zone a in ap-northeast-1'],
    [[], 'The account has no zone in ap-northeast-1'],
  ])('have to be two: %j', (zones, message) => {
    expect(() => of(...zones)).toThrow(`${message}, and Holdfast needs two. Nothing was written. Choose another Region with --region.`);
  });
});

describe('a list of zones', () => {
  const answering = (send: () => Promise<unknown>) => readZones({ send } as unknown as EC2Client, 'us-west-2', 1_000);
  const zone = (ZoneName: string, ZoneType = 'availability-zone', State = 'available') => ({ ZoneName, ZoneType, State });

  it('has no Local Zone, no Wavelength Zone, and none that cannot be used', async () => {
    const AvailabilityZones = [
      zone('us-west-2b'),
      zone('us-west-2a'),
      zone('us-west-2-lax-1a', 'local-zone'),
      zone('us-west-2-wl1-sea-wlz-1', 'wavelength-zone'),
      zone('us-west-2c', 'availability-zone', 'unavailable'),
    ];
    expect(await answering(async () => ({ AvailabilityZones }))).toEqual({ state: 'known', value: ['a', 'b'] });
  });

  it.each([
    ['UnauthorizedOperation', 'You are not authorized', 'the credentials do not allow ec2:DescribeAvailabilityZones'],
    ['CredentialsProviderError', 'Could not load credentials', 'there are no AWS credentials (Could not load credentials)'],
  ])('that cannot be read says why: %s', async (name, text, reason) => {
    const found = await answering(() => Promise.reject(Object.assign(new Error(text), { name })));
    expect(found).toMatchObject({ state: 'unknown', reason });
    expect(chooseZones('us-west-2', ABC, found)).toEqual({
      line: `The zones of us-west-2 were not checked: ${reason}. The configuration has a, b and c; "./holdfast doctor" finds those that your account does not have.`,
    });
  });
});
