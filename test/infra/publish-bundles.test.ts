import { expect, it } from 'vitest';
import { SynthesizedApp } from './synthesized.ts';

it('the publish function of a fleet of bundles takes bundles, and that of no other fleet', async () => {
  const app = await SynthesizedApp.create({
    fleets: { web: { allowPlainHttp: true, app: { kind: 'bundle', readinessPath: '/health' } }, api: { allowPlainHttp: true } },
  });
  try {
    const functions = app
      .resources('AWS::Lambda::Function')
      .filter(({ Properties: { FunctionName } }) => /-publish$/.test(String(FunctionName)))
      .map(({ Properties }) => [
        Properties['FunctionName'],
        JSON.stringify(Properties['Environment']).includes('"HOLDFAST_BUNDLES":"true"'),
      ]);
    expect(functions.toSorted()).toEqual([
      ['holdfast-api-publish', false],
      ['holdfast-web-publish', true],
    ]);
  } finally {
    await app.remove();
  }
});
