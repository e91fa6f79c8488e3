import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adopted, EXISTING_GROUP } from './adopted-configs.ts';
import { AWS_CONFIG, EPHEMERAL_CONFIG, SynthesizedApp } from './synthesized.ts';

let app: SynthesizedApp;
let others: SynthesizedApp[];
beforeAll(async () => {
  app = await SynthesizedApp.create(AWS_CONFIG);
  others = await Promise.all([
    SynthesizedApp.create({
      store: { snapshotRetentionDays: 2 },
      fleets: { web: { allowPlainHttp: true, deploy: { deregistrationDelaySeconds: 120 } } },
    }),
    SynthesizedApp.create({ fleets: { web: { allowPlainHttp: true }, api: { allowPlainHttp: true } } }),
    SynthesizedApp.create({ zones: ['a', 'b'], fleets: { web: { allowPlainHttp: true } } }),
  ]);
});
afterAll(async () => {
  for (const one of [app, ...(others ?? [])]) await one?.remove();
});

const LAST = 'holdfast-termination-protection';
const protectedOf = (of: SynthesizedApp) => of.resources('Custom::Protection')[0]?.Properties as Record<string, unknown>;

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

  it('imports an export of every other stack, so that CloudFormation deletes none of them', () => {
    const imports = protectedOf(app)['Stacks'];
    const before = app.stackNames.filter((name) => name !== LAST && name !== 'holdfast-protection');
    expect(imports).toEqual(before.map((name) => ({ 'Fn::ImportValue': `${name}:Exists` })));
    for (const name of before) {
      // An exported value that is imported cannot change: it is the stack's own name.
      app.template(name.replace('holdfast-', '')).hasOutput('Exists', { Value: name, Export: { Name: `${name}:Exists` } });
    }
    app.template('termination-protection').hasOutput('Protects', {
      Value: { 'Fn::Join': [' ', [{ 'Fn::ImportValue': 'holdfast-protection:Exists' }, 'and every stack that it imports']] },
    });
  });

  it('protects the table and the load balancers that it created', async () => {
    expect(protectedOf(app)).toMatchObject({ LoadBalancerNames: ['holdfast-web'] });
    expect(protectedOf(others[1] as SynthesizedApp)).toMatchObject({ LoadBalancerNames: ['holdfast-web', 'holdfast-api'] });
    const behind = await SynthesizedApp.create(adopted(EXISTING_GROUP));
    try {
      expect(protectedOf(behind)).toMatchObject({ LoadBalancerNames: [] });
    } finally {
      await behind.remove();
    }
  });

  it('turns its protection on again when the definition of a protected resource changes, and only then', () => {
    const digests = [app, ...others].map((one) => protectedOf(one)['Definitions']);
    const [first, delayAndSnapshots, fleets, zones] = digests;
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(delayAndSnapshots).toBe(first);
    expect(new Set([first, fleets, zones]).size).toBe(3);
  });
});

it('an ephemeral installation has neither of the two stacks, and no termination protection', async () => {
  const ephemeral = await SynthesizedApp.create(EPHEMERAL_CONFIG);
  try {
    expect(ephemeral.stackNames.filter((name) => name.endsWith('protection'))).toEqual([]);
    expect(Object.values(ephemeral.terminationProtection)).toEqual(ephemeral.stackNames.map(() => false));
  } finally {
    await ephemeral.remove();
  }
});
