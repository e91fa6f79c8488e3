import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AWS_CONFIG, EPHEMERAL_CONFIG, SynthesizedApp } from './synthesized.ts';

let app: SynthesizedApp;
beforeAll(async () => {
  app = await SynthesizedApp.create(AWS_CONFIG);
});
afterAll(() => app.remove());

const LAST = 'holdfast-termination-protection';

describe('a protected installation', () => {
  it('has termination protection on its last stack alone: on another one, a failed creation could not be tried again', () => {
    expect(app.stackNames.at(-1)).toBe(LAST);
    const on = Object.entries(app.terminationProtection).filter(([, enabled]) => enabled);
    expect(on).toEqual([[LAST, true]]);
  });

  it('contains nothing in its last stack whose creation can fail', () => {
    const types = app.everything.filter(({ stackName }) => stackName === LAST).map(({ Type }) => Type);
    expect(types).toEqual(['AWS::CloudFormation::WaitConditionHandle']);
  });

  it('has a last stack that depends on every other one, so that `cdk destroy` deletes it first', () => {
    expect(app.dependenciesOf('termination-protection').toSorted()).toEqual(app.stackNames.filter((name) => name !== LAST).toSorted());
  });
});

it('an ephemeral installation has no such stack, and no termination protection', async () => {
  const ephemeral = await SynthesizedApp.create(EPHEMERAL_CONFIG);
  try {
    expect(ephemeral.stackNames).not.toContain(LAST);
    expect(Object.values(ephemeral.terminationProtection)).toEqual(ephemeral.stackNames.map(() => false));
  } finally {
    await ephemeral.remove();
  }
});
