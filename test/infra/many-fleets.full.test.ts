/** An installation with twenty fleets of long names, and one with as many listed members as are allowed: what AWS limits is not reached. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LARGEST_ENVIRONMENT_BYTES } from '../../infra/config/environment-rules.ts';
import { holdfastConfig } from '../../infra/config.ts';
import { adopted, LOAD_BALANCER, TARGET_GROUP } from './adopted-configs.ts';
import { type FoundResource, SynthesizedApp } from './synthesized.ts';

const FLEETS = Array.from({ length: 20 }, (_, index) => `orders-and-payments-${String(index).padStart(3, '0')}`);
/** Size above which an SSM parameter is no longer free, and the limit of a standard one. */
const LARGEST_PARAMETER_BYTES = 4_096;
/** As long as the ARN of a listener, which no reference is longer than. */
const REFERENCE = 'a'.repeat(150);

const idAt = (kind: 'i' | 'mi', at: number) => `${kind}-${String(at).padStart(17, '0')}`;
const nodeAt = (at: number) => ({ nodeId: idAt('mi', at), ip: `192.168.${100 + at}.100`, port: 65_000, availabilityZone: 'all' as const });

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

/** The longest that each can be. */
const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws-us-gov',
  'AWS::Region': 'ap-southeast-1',
  'AWS::AccountId': '111122223333',
};

/** A value as CloudFormation resolves it, with {@link REFERENCE} in place of the resources that it refers to. */
function resolved(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const [kind, given] = Object.entries(value)[0] ?? [];
  if (kind === 'Fn::Join') return (given as [string, unknown[]])[1].map(resolved).join((given as [string])[0]);
  return (kind === 'Ref' && PSEUDO[String(given)]) || REFERENCE;
}
const sizeOf = ({ Properties }: FoundResource): number => {
  const { Variables = {} } = (Properties['Environment'] ?? {}) as { Variables?: Readonly<Record<string, unknown>> };
  return Object.entries(Variables).reduce((sum, [name, value]) => sum + name.length + resolved(value).length, 0);
};

it('every function’s environment is below the 4 KB that Lambda allows', () => {
  const functions = app.resources('AWS::Lambda::Function');
  const sizes = functions.map((fn) => [String(fn.Properties['FunctionName']), sizeOf(fn)] as const);
  expect(sizes.length).toBeGreaterThan(200);
  expect(sizes.filter(([, size]) => size > LARGEST_ENVIRONMENT_BYTES)).toEqual([]);
});

it('each fleet has a parameter of its own for the runbooks, small enough to be free', () => {
  const parameters = app
    .resources('AWS::SSM::Parameter')
    .filter(({ stackName, Properties }) => stackName === 'holdfast-incidents' && !String(Properties['Name']).includes('/_contract/'));
  expect(parameters.map(({ Properties }) => Properties['Name'])).toEqual(FLEETS.map((fleet) => `/holdfast/holdfast/incidents/${fleet}`));
  for (const { Properties } of parameters) expect(resolved(Properties['Value']).length).toBeLessThan(LARGEST_PARAMETER_BYTES);
});

it('which one environment would hold four of', () => {
  const parameters = app
    .resources('AWS::SSM::Parameter')
    .filter(({ stackName, Properties }) => stackName === 'holdfast-incidents' && !String(Properties['Name']).includes('/_contract/'));
  const each = FLEETS.map((fleet, at) => `"${fleet}":${resolved(parameters[at]?.Properties['Value'])},`.length);
  const [collect = 0] = app
    .resources('AWS::Lambda::Function')
    .flatMap((fn) => (fn.Properties['FunctionName'] === 'holdfast-incidents-collect' ? [sizeOf(fn)] : []));
  expect(Math.floor((LARGEST_ENVIRONMENT_BYTES - collect) / Math.max(...each))).toBe(4);
});

describe.each([
  ['addresses', 'ip', (count: number) => ({ nodes: Array.from({ length: count }, (_, at) => nodeAt(at)) })],
  ['instances', 'instances', (count: number) => ({ instanceIds: Array.from({ length: count }, (_, at) => idAt('i', at)) })],
] as const)('a fleet of listed %s', (_, members, existing) => {
  const configOf = (count: number) => {
    const fleet = { members, existing: { targetGroupArn: TARGET_GROUP, loadBalancerArn: LOAD_BALANCER, ...existing(count) } };
    return { ...adopted(), fleets: { [FLEETS[0] ?? '']: fleet } };
  };
  const most = Array.from({ length: 100 }, (_, at) => 100 - at).find((count) => holdfastConfig.safeParse(configOf(count)).success) ?? 0;

  it('has room in its functions’ environments for as many as are accepted', async () => {
    expect(most).toBe(members === 'ip' ? 41 : 96);
    const largest = await SynthesizedApp.create(configOf(most));
    try {
      const sizes = largest.resources('AWS::Lambda::Function').map(sizeOf);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(LARGEST_ENVIRONMENT_BYTES);
      // The rule keeps little in reserve.
      expect(Math.max(...sizes)).toBeGreaterThan(LARGEST_ENVIRONMENT_BYTES - 400);
    } finally {
      await largest.remove();
    }
  });

  it('is refused with one more, before anything is deployed', () => {
    expect(JSON.stringify(holdfastConfig.safeParse(configOf(most + 1)).error?.issues)).toMatch(
      most < 100 ? /lists \d+ members and 0 alarms, which need \d+ bytes .* 4 KB that Lambda allows: split the fleet/ : /100/,
    );
  });
});
