/** What is benchmarked: one local cloud per setting. */
import type { FleetInput } from '../../demo/local-settings.ts';
import type { TrafficOptions } from '../../demo/traffic/contract.ts';
import type { ExampleCase, SeveralCase } from './judge-cases.ts';
import type { ExampleName, Options } from './options.ts';

export interface Setting {
  /** The example that is rolled, and the name of its cases. @default the Node example, with Holdfast and with the script */
  readonly example?: { readonly app: ExampleName; readonly name: ExampleCase; readonly server?: FleetInput };
  /** Holdfast alone, under this name: one at a time, or several at once. @default with the script */
  readonly alone?: SeveralCase;
  /** Server settings for cases with the Node example. @default those of the local cloud */
  readonly server?: FleetInput;
  readonly traffic: Partial<TrafficOptions>;
}

/** One request in twenty lasts 10 s: with a user's pauses, some 40 % of the users wait for one, each on a connection of its own. */
const LONG_REQUESTS = { longShare: 0.05, longMs: 10_000, connections: 256 } satisfies Partial<TrafficOptions>;

const EXAMPLE_CASES: Readonly<Record<ExampleName, readonly NonNullable<Setting['example']>[]>> = {
  tomcat: [
    { app: 'tomcat', name: 'tomcat-redis' },
    { app: 'tomcat', name: 'tomcat-no-counts', server: { deploy: { drainSignal: 'kernel' } } },
  ],
  spring: [{ app: 'spring', name: 'spring-redis' }],
};

export const settingsOf = (options: Options): readonly Setting[] =>
  options.maxParallel !== undefined || options.servers !== undefined ? severalSettings(options) : exampleSettings(options);

function severalSettings({ servers, maxParallel, withScript }: Options): readonly Setting[] {
  const size = servers === undefined ? {} : { minCapacity: servers };
  const several = { ...size, ...(maxParallel !== undefined && { deploy: { maxParallel } }) };
  if (maxParallel === undefined || withScript) return [{ server: several, traffic: {} }];
  return [
    { alone: 'one-at-a-time', server: size, traffic: {} },
    { alone: 'several-at-once', server: several, traffic: {} },
  ];
}

const exampleSettings = ({ apps }: Options): readonly Setting[] =>
  apps.length === 0 ? [{ traffic: {} }] : apps.flatMap((app) => EXAMPLE_CASES[app].map((example) => ({ example, traffic: LONG_REQUESTS })));
