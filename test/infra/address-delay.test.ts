/** The deregistration delay of a fleet whose targets are addresses, which each server waits for before it is registered again. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adopted, BEHIND_A_CREATED_ONE, BEHIND_A_LISTENER, EXISTING_ADDRESSES, EXISTING_INSTANCES } from './adopted-configs.ts';
import { parse, refusal } from './parse-config.ts';
import { SynthesizedApp } from './synthesized.ts';

const delayOf = (web: object) => parse(adopted(web)).fleets['web']?.deploy.deregistrationDelaySeconds;
const nodes = { ...EXISTING_ADDRESSES, existing: { ...BEHIND_A_LISTENER.existing, nodes: EXISTING_ADDRESSES.existing?.nodes } };

describe('the default deregistration delay', () => {
  it.each<[string, object, number]>([
    ['addresses behind a created load balancer', BEHIND_A_CREATED_ONE, 60],
    ['addresses with a created target group behind an existing listener', nodes, 60],
    ['addresses with another setting of deploys', { ...BEHIND_A_CREATED_ONE, deploy: { quietSeconds: 20 } }, 60],
    ['addresses with a delay of their own', { ...BEHIND_A_CREATED_ONE, deploy: { deregistrationDelaySeconds: 3600 } }, 3600],
    ['addresses in a target group that has its own', EXISTING_ADDRESSES, 300],
    ['instances', EXISTING_INSTANCES, 300],
  ])('of %s', (_, web, seconds) => expect(delayOf(web)).toBe(seconds));

  it('hides no setting that is not valid', () => {
    expect(refusal(adopted({ ...BEHIND_A_CREATED_ONE, deploy: 'fast' as never }))).toContain('fleets.web.deploy ("fast")');
  });
});

describe('the template of such a fleet', () => {
  let app: SynthesizedApp;
  beforeAll(async () => {
    app = await SynthesizedApp.create(adopted(BEHIND_A_CREATED_ONE));
  });
  afterAll(() => app.remove());

  it('has the delay at the target group, and the same for its deploys', () => {
    const [group] = app.resources('AWS::ElasticLoadBalancingV2::TargetGroup');
    expect(group?.Properties['TargetGroupAttributes']).toContainEqual({ Key: 'deregistration_delay.timeout_seconds', Value: '60' });
    const functions = JSON.stringify(app.resources('AWS::Lambda::Function'));
    const delays = [...functions.matchAll(/deregistrationDelaySeconds[\\"]+:([0-9]+)/g)].map(([, seconds]) => seconds);
    expect(new Set(delays)).toEqual(new Set(['60']));
  });
});
