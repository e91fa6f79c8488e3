import { afterAll, describe, expect, it } from 'vitest';
import { inboundRulesOfStore } from '../../../infra/config/rules.ts';
import { holdfastConfig, parseContent } from '../../../infra/config.ts';
import { FULL } from '../../e2e/full-run.ts';
import { adopted, BEHIND_A_LISTENER, EXISTING_GROUP } from '../adopted-configs.ts';
import { AWS_CONFIG, SynthesizedApp } from '../synthesized.ts';

const fleets = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`web-${index}`, { allowPlainHttp: true }]));

const apps: SynthesizedApp[] = [];
afterAll(async () => {
  for (const app of apps) await app.remove();
});

describe("the inbound rules of the store's security group", () => {
  it.each([
    ['one fleet', AWS_CONFIG, 5],
    ...(FULL
      ? ([
          ['three', { fleets: fleets(3) }, 9],
          ['no incidents', { ...AWS_CONFIG, incidents: { enabled: false } }, 4],
          ['an existing store', adopted(EXISTING_GROUP), undefined],
          ['an existing load balancer', adopted(BEHIND_A_LISTENER), undefined],
        ] as const)
      : []),
  ] as const)('are counted as the templates have them: %s', async (_, config, count) => {
    const app = await SynthesizedApp.create(config);
    apps.push(app);
    const port = app.everything.filter(
      ({ Type, Properties }) => Type === 'AWS::EC2::SecurityGroupIngress' && [6379, 6380].includes(Number(Properties['FromPort'])),
    );
    expect(port).toHaveLength(inboundRulesOfStore(holdfastConfig.parse(config)));
    if (count !== undefined) expect(port).toHaveLength(count);
  });

  it('have room for 28 fleets, and 29 are refused before anything is deployed, with the number and the quota', () => {
    expect(() => parseContent({ fleets: fleets(28) }, 'the test')).not.toThrow();
    expect(() => parseContent({ fleets: fleets(29) }, 'the test')).toThrow(
      /has 29 fleets, which make 61 inbound rules .* store.rulesPerSecurityGroup allows 60: .*several installations.*Service Quotas/,
    );
  });

  it('have the room of a raised quota, which AWS raises to 1,000 at most', () => {
    const of = (count: number, rulesPerSecurityGroup: number) => () =>
      parseContent({ fleets: fleets(count), store: { rulesPerSecurityGroup } }, 'the test');
    expect(of(29, 61)).not.toThrow();
    expect(of(30, 61)).toThrow(/has 30 fleets, which make 63 inbound rules .* store.rulesPerSecurityGroup allows 61:/);
    expect(of(1, 1_001)).toThrow(/rulesPerSecurityGroup/);
    const existing = adopted(EXISTING_GROUP);
    expect(() => parseContent({ ...existing, store: { ...existing.store, rulesPerSecurityGroup: 2 } }, 'the test')).toThrow(
      /store.rulesPerSecurityGroup allows 2:/,
    );
  });
});
