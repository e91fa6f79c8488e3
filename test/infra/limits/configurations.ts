/** Configurations whose templates `npm run check:limits` measures: those that users copy, many fleets, and the longest that each key takes. */
import path from 'node:path';
import type { z } from 'zod';
import { type HoldfastConfig, holdfastConfig, readConfig } from '../../../infra/config.ts';
import { configurationFiles } from '../../docs/check/configurations.ts';
import { adopted, EXISTING_ADDRESSES, LOAD_BALANCER, TARGET_GROUP } from '../adopted-configs.ts';
import { AWS_CONFIG, EXTENDED_CONFIG, REPOSITORY } from '../synthesized.ts';

type ConfigInput = z.input<typeof holdfastConfig>;

/** With a hyphen, installation and fleet have the 32 characters that a load balancer's name may have. */
const [INSTALLATION, FLEET] = ['sessions-of-all-our-apps', 'payment'] as const;
const FLEETS = Array.from({ length: 20 }, (_, at) => `orders-and-payments-${String(at).padStart(3, '0')}`);

const many: ConfigInput = {
  fleets: Object.fromEntries(
    FLEETS.map((fleet, at) => [fleet, { allowPlainHttp: true, sessions: { group: `group-${at % 4}` }, incidents: { reLoginPage: {} } }]),
  ),
};

/** Everything that a created fleet can have, each value as long as it may be. */
const longest: ConfigInput = {
  installation: INSTALLATION,
  region: 'ap-southeast-3',
  account: '111122223333',
  fleets: {
    [FLEET]: {
      allowPlainHttp: true,
      healthPath: `/${'h'.repeat(200)}`,
      runtimePackages: Array.from({ length: 5 }, (_, at) => `java-21-amazon-corretto-headless-${at}`),
      deploy: { alarmNames: Array.from({ length: 5 }, (_, at) => `${'a'.repeat(200)}${at}`) },
      incidents: { criticalActions: true, reLoginPage: {} },
    },
  },
};

const listed: ConfigInput = {
  ...adopted(),
  fleets: {
    [FLEETS[0] ?? '']: {
      ...EXISTING_ADDRESSES,
      existing: {
        ...{ targetGroupArn: TARGET_GROUP, loadBalancerArn: LOAD_BALANCER },
        nodes: Array.from({ length: 44 }, (_, at) => ({
          ...{
            nodeId: `mi-${String(at).padStart(17, '0')}`,
            ip: `192.168.${100 + at}.100`,
            port: 65_000,
            availabilityZone: 'all' as const,
          },
        })),
      },
    },
  },
};

/** By name; the names of files are their paths. */
export const checkedConfigurations = (): Readonly<Record<string, HoldfastConfig>> => ({
  ...Object.fromEntries(configurationFiles().map((file) => [file, readConfig(path.join(REPOSITORY, file))])),
  ...Object.fromEntries(Object.entries(OWN).map(([name, input]) => [name, holdfastConfig.parse(input)])),
});

const OWN: Readonly<Record<string, ConfigInput>> = {
  'the smallest': AWS_CONFIG,
  'with everything': EXTENDED_CONFIG,
  'existing servers': adopted(),
  'twenty fleets': many,
  'the longest names and values': longest,
  'many listed servers': listed,
};
