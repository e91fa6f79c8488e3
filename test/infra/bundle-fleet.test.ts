/** A fleet of CodeDeploy bundles: its own install document, who may send it, and the steps of its machines. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Definition, machinesOf, walk } from './state-machine-definition.ts';
import { type FoundResource, SynthesizedApp } from './synthesized.ts';

const OWN = 'holdfast-shop-install-bundle';
const SHARED = 'holdfast-install-release';
let app: SynthesizedApp;
let machines: ReadonlyMap<string, Definition>;
beforeAll(async () => {
  const shop = { allowPlainHttp: true, app: { kind: 'bundle', readinessPath: '/health' } };
  app = await SynthesizedApp.create({ fleets: { shop, web: { allowPlainHttp: true } } } as never);
  machines = machinesOf(app);
});
afterAll(() => app?.remove());

const named = (type: string, key: string, name: string): FoundResource =>
  app.resources(type).find(({ Properties }) => Properties[key] === name) as FoundResource;
const fleetFunctions = (fleet: string, role: string) => named('AWS::Lambda::Function', 'FunctionName', `holdfast-${fleet}-${role}`);
const steps = (name: string, takes: Record<string, string[]> = {}): readonly string[] =>
  walk(machines.get(name) as Definition, takes).filter((id) => !/(: (wait|check|done)\??|[a-z]\?)$/.test(id));

describe('the install document of a fleet of bundles', () => {
  it('says what it permits, and takes releases of its fleet alone', () => {
    const { Content } = named('AWS::SSM::Document', 'Name', OWN).Properties as { Content: Record<string, never> };
    const text = JSON.stringify(Content);
    expect(text).toMatch(/as root/);
    expect(text).toContain('/shop/');
    expect(named('AWS::SSM::Document', 'Name', 'holdfast-web-install-bundle')).toBeUndefined();
  });

  it.each(['deploy-command', 'lifecycle'])("is what the fleet's %s sends, and no other fleet's", (role) => {
    const documents = (fleet: string) => JSON.stringify(fleetFunctions(fleet, role).Properties['Environment']);
    expect(documents('shop')).toContain(OWN);
    expect(documents('shop')).not.toContain(SHARED);
    expect(documents('web')).not.toContain(OWN);
    const policies = app.resources('AWS::IAM::Policy').map(({ Properties }) => JSON.stringify(Properties));
    const sends = policies.filter((policy) => policy.includes('ssm:SendCommand'));
    expect(sends.filter((policy) => policy.includes(OWN) && policy.includes(SHARED))).toEqual([]);
    expect(sends.filter((policy) => policy.includes(OWN)).length).toBeGreaterThanOrEqual(2);
  });
});

describe('one target of bundles', () => {
  it('runs scripts before it leaves, before it comes back and after', () => {
    expect(steps('holdfast-shop-roll-target', { 'Is it adopted?': ['BeforeBlockTraffic'] }).join()).toBe(
      'BeforeBlockTraffic,Deregister,Drain,Install,Readiness,BeforeAllowTraffic,Register,Wait healthy,AfterAllowTraffic,Bake,Target done',
    );
    expect(machines.get('holdfast-shop-roll-target')?.TimeoutSeconds).toBe(86_400);
  });

  it('that is adopted goes nowhere', () => {
    const takes = { 'Is it prepared?': ['Prepare'], 'Is it adopted?': ['Target done'] };
    expect(steps('holdfast-shop-roll-target', takes)).toEqual(['Prepare', 'Target done']);
  });

  it('that terminates runs scripts before and after its drain', () => {
    expect(steps('holdfast-shop-terminate').join()).toBe(
      'Take terminate event,Before traffic is blocked,Wait idle,Stop the application,Complete termination,Terminated',
    );
  });
});
