import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AWS_CONFIG, EXTENDED_CONFIG, SynthesizedApp } from './synthesized.ts';

const of = (app: SynthesizedApp) =>
  app.resources('AWS::SecretsManager::Secret').filter(({ Properties }) => String(Properties['Description']).includes('try both releases'));

describe('a fleet with deploy.sessionProbe', () => {
  let app: SynthesizedApp;
  beforeAll(async () => {
    app = await SynthesizedApp.create(EXTENDED_CONFIG);
  });
  afterAll(() => app?.remove());

  it('has a secret of its own, which its servers can read and no function can', () => {
    expect(of(app)).toHaveLength(1);
    const secret = of(app)[0]?.logicalId as string;
    const readers = app
      .resources('AWS::IAM::Policy')
      .filter(({ Properties }) => JSON.stringify(Properties['PolicyDocument']).includes(secret))
      .map(({ logicalId }) => logicalId);
    expect(readers).toEqual([expect.stringMatching(/^InstanceRole/)]);
  });

  it('gives the command function its name alone', () => {
    const named = app
      .resources('AWS::Lambda::Function')
      .filter(({ Properties }) => JSON.stringify(Properties['Environment'] ?? {}).includes('HOLDFAST_PROBE_SECRET_ARN'));
    expect(named.map(({ Properties }) => Properties['FunctionName'])).toEqual(['holdfast-web-deploy-command']);
    // Not by an export, which would keep the fleet from giving it up.
    expect(JSON.stringify(named[0]?.Properties['Environment'])).toMatch(/HOLDFAST_PROBE_SECRET_ARN":\{"Fn::GetStackOutput"/);
  });
});

it('a fleet without it has no such secret', async () => {
  const app = await SynthesizedApp.create(AWS_CONFIG);
  expect(of(app)).toEqual([]);
  await app.remove();
});
