/** An installation with twenty fleets of long names, and one with as many listed members as are allowed: what AWS limits is not reached. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { measureTemplates } from '../../infra/limits/check-templates.ts';
import type { Templates } from '../../infra/limits/fill-in.ts';
import { adopted, LOAD_BALANCER, TARGET_GROUP } from './adopted-configs.ts';
import { SynthesizedApp } from './synthesized.ts';

const FLEETS = Array.from({ length: 20 }, (_, index) => `orders-and-payments-${String(index).padStart(3, '0')}`);
/** Size above which an SSM parameter is no longer free, and the limit of a standard one. */
const LARGEST_PARAMETER_BYTES = 4_096;

const idAt = (kind: 'i' | 'mi', at: number) => `${kind}-${String(at).padStart(17, '0')}`;
const nodeAt = (at: number) => ({ nodeId: idAt('mi', at), ip: `192.168.${100 + at}.100`, port: 65_000, availabilityZone: 'all' as const });

const templatesOf = (app: SynthesizedApp): Templates =>
  Object.fromEntries(app.stackNames.map((name) => [name, app.template(name.replace('holdfast-', '')).toJSON() as Templates[string]]));

let app: SynthesizedApp;
beforeAll(async () => {
  app = await SynthesizedApp.create({
    fleets: Object.fromEntries(
      FLEETS.map((fleet, index) => [
        fleet,
        { allowPlainHttp: true, sessions: { group: `group-${index % 4}` }, incidents: { reLoginPage: {} } },
      ]),
    ),
  });
}, 900_000);
afterAll(() => app?.remove());

it('each fleet has a parameter of its own for the runbooks, small enough to be free', () => {
  const parameters = app
    .resources('AWS::SSM::Parameter')
    .filter(({ stackName, Properties }) => stackName === 'holdfast-incidents' && !String(Properties['Name']).includes('/_contract/'));
  expect(parameters.map(({ Properties }) => Properties['Name'])).toEqual(FLEETS.map((fleet) => `/holdfast/holdfast/incidents/${fleet}`));
  const values = measureTemplates(templatesOf(app)).filter(({ where }) => /^holdfast-incidents \S+ Value$/.test(where));
  expect(values.length).toBeGreaterThan(FLEETS.length);
  for (const { where, size } of values) expect(size, where).toBeLessThan(LARGEST_PARAMETER_BYTES);
});

describe.each([
  ['addresses', 'ip', (count: number) => ({ nodes: Array.from({ length: count }, (_, at) => nodeAt(at)) })],
  ['instances', 'instances', (count: number) => ({ instanceIds: Array.from({ length: count }, (_, at) => idAt('i', at)) })],
] as const)('a fleet of listed %s', (_, members, existing) => {
  const configOf = (count: number) => {
    const fleet = { members, existing: { targetGroupArn: TARGET_GROUP, loadBalancerArn: LOAD_BALANCER, ...existing(count) } };
    return { ...adopted(), fleets: { [FLEETS[0] ?? '']: fleet } };
  };
  const [most, tooMany] = members === 'ip' ? [47, 48] : [100, 101];

  it('has room in its functions’ environments for this many', async () => {
    const largest = await SynthesizedApp.create(configOf(most));
    try {
      const findings = measureTemplates(templatesOf(largest)).filter(({ where }) => where.endsWith('Environment.Variables'));
      expect(findings.length).toBeGreaterThan(20);
      expect(Math.max(...findings.map(({ size }) => size))).toBeLessThanOrEqual(4_096);
    } finally {
      await largest.remove();
    }
  });

  it('is refused with too many, before anything is deployed', async () => {
    await expect(SynthesizedApp.create(configOf(tooMany)).then((one) => one.remove())).rejects.toThrow(
      members === 'ip' ? /Environment\.Variables: \d+, and AWS takes at most 4096\. Nothing was deployed\./ : /100/,
    );
  });
});
