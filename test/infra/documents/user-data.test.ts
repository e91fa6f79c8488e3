import { describe, expect, it } from 'vitest';
import { type FleetUserDataProps, fleetUserData } from '../../../infra/user-data/user-data.ts';

const props: FleetUserDataProps = {
  port: 8080,
  storeHost: 'store.example',
  storePort: 6379,
  storeTls: true,
  storeUser: 'application',
  storeSecretArn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:store-AbCdEf',
  region: 'eu-west-1',
  runtimePackages: ['nodejs24'],
};

describe('fleetUserData', () => {
  it('is a bash script within the limit of 16 KB', () => {
    const script = fleetUserData(props);
    expect(script.startsWith('#!/bin/bash\nset -euo pipefail\n')).toBe(true);
    expect(Buffer.byteLength(script)).toBeLessThan(16_384);
  });

  it.each([
    ['storeHost', { storeHost: "x'; rm -rf /" }],
    ['storeUser', { storeUser: '$(id)' }],
    ['storeSecretArn', { storeSecretArn: 'arn:`id`' }],
    ['region', { region: 'eu west' }],
    ['runtimePackages', { runtimePackages: ['-y; id'] }],
    ['port', { port: 1.5 }],
  ])('refuses a %s that could break out, quoting it', (name, wrong) => {
    expect(() => fleetUserData({ ...props, ...wrong } as FleetUserDataProps)).toThrow(`user data: ${name} is`);
  });

  it('accepts values that CloudFormation fills in later', async () => {
    const { Token } = await import('aws-cdk-lib/core');
    const storePort = Token.asNumber({ 'Fn::GetAtt': ['Store', 'PrimaryEndPoint.Port'] });
    const script = fleetUserData({ ...props, storePort, storeHost: Token.asString({ Ref: 'Host' }) });
    expect(script).toMatch(/store_port='\$\{Token\[/);
    expect(script).toMatch(/store_host='\$\{Token\[/);
  });
});
