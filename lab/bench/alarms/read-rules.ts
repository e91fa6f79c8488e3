/** The alarms that notify somebody, of the templates of each kind of fleet. */
import { adopted, EXISTING_GROUP } from '../../../test/infra/adopted-configs.ts';
import { SynthesizedApp } from '../../../test/infra/synthesized.ts';
import type { Site } from './happening.ts';
import type { AlarmProperties } from './rules.ts';

const PLACE = { region: 'us-east-1', account: '111122223333' } as const;

const CONFIGS: Readonly<Record<Site['fleet'], Parameters<typeof SynthesizedApp.create>[0]>> = {
  store: { ...PLACE, fleets: { web: { allowPlainHttp: true } } },
  memory: { ...PLACE, fleets: { web: { allowPlainHttp: true, strategy: 'sticky' } } },
  shared: { ...adopted(EXISTING_GROUP), ...PLACE },
};

export async function readRules(fleet: Site['fleet'], collectMinutes: number): Promise<readonly AlarmProperties[]> {
  const app = await SynthesizedApp.create({ ...CONFIGS[fleet], watch: { collectMinutes } });
  try {
    return app
      .resources('AWS::CloudWatch::Alarm')
      .filter(({ Properties }) => Properties['AlarmActions'] !== undefined)
      .map(({ Properties }) => ({ ...(withNames(Properties) as AlarmProperties), AlarmActions: [], OKActions: [] }));
  } finally {
    await app.remove();
  }
}

/** A dimension's value that a deployment knows first is the dimension's name here. */
function withNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNames);
  if (typeof value !== 'object' || value === null) return value;
  const one = value as Readonly<Record<string, unknown>>;
  const isOfFront = one['Name'] === 'LoadBalancer' || one['Name'] === 'TargetGroup';
  if ('Name' in one && 'Value' in one && (isOfFront || typeof one['Value'] !== 'string')) return { Name: one['Name'], Value: one['Name'] };
  return Object.fromEntries(Object.entries(one).map(([name, inner]) => [name, name === 'AlarmDescription' ? '' : withNames(inner)]));
}
