import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTRACT } from '../../functions/installation/contract.ts';
import { OWN_VERSION } from '../../infra/own-files.ts';
import { AWS_CONFIG, SynthesizedApp } from './synthesized.ts';

let app: SynthesizedApp;
beforeAll(async () => {
  app = await SynthesizedApp.create(AWS_CONFIG);
});
afterAll(() => app?.remove());

describe('the contract of what commands start', () => {
  it.each([
    ['web-deploy', 'web'],
    ['store-operations', 'store'],
    ['incidents', 'incidents'],
  ])('changes in %s after every state machine and function', (stack, part) => {
    const template = app.template(stack);
    const idsOf = (type: string) => Object.keys(template.findResources(type));
    const started = [...idsOf('AWS::StepFunctions::StateMachine'), ...idsOf('AWS::Lambda::Alias')];
    expect(started.length).toBeGreaterThan(1);
    const [[, contract] = []] = Object.entries(
      template.findResources('AWS::SSM::Parameter', { Properties: { Name: `/holdfast/holdfast/_contract/${part}` } }),
    );
    expect(contract).toMatchObject({ Properties: { Value: JSON.stringify({ contract: CONTRACT, version: OWN_VERSION }) } });
    expect(contract?.['DependsOn']).toEqual(expect.arrayContaining(started));
  });
});
