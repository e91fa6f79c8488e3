/** An installation with twenty fleets of long names: what AWS limits is not reached. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FoundResource, SynthesizedApp } from './synthesized.ts';

const FLEETS = Array.from({ length: 20 }, (_, index) => `orders-and-payments-${String(index).padStart(3, '0')}`);
/** @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const LARGEST_ENVIRONMENT_BYTES = 4_096;
/** Of an SSM parameter above which it is no longer free, and its limit. */
const LARGEST_PARAMETER_BYTES = 4_096;
/** As long as the ARN of a listener, which no reference is longer than. */
const REFERENCE = 'a'.repeat(150);

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

/** A value as CloudFormation resolves it, with {@link REFERENCE} in place of what it refers to. */
function resolved(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const [kind, given] = Object.entries(value)[0] ?? [];
  return kind === 'Fn::Join' ? (given as [string, unknown[]])[1].map(resolved).join((given as [string])[0]) : REFERENCE;
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
  const parameters = app.resources('AWS::SSM::Parameter').filter(({ stackName }) => stackName === 'holdfast-incidents');
  expect(parameters.map(({ Properties }) => Properties['Name'])).toEqual(FLEETS.map((fleet) => `/holdfast/holdfast/incidents/${fleet}`));
  for (const { Properties } of parameters) expect(resolved(Properties['Value']).length).toBeLessThan(LARGEST_PARAMETER_BYTES);
});
