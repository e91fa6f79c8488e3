import path from 'node:path';
import { nounFor } from '../../functions/shared/counted.ts';
import { canaryWarnings } from '../../infra/canary-warnings.ts';
import { namedSessions } from '../../infra/config/session-groups.ts';
import { readConfig } from '../../infra/config.ts';
import { deployWarnings } from '../../infra/deploy-warnings.ts';
import { regionWarnings } from '../../infra/region-warnings.ts';
import { sessionWarnings } from '../../infra/session-warnings.ts';
import { strategyWarnings } from '../../infra/strategy-warnings.ts';
import { unreachableStoreWarnings } from '../../infra/unreachable-store-warnings.ts';
import { findConfig } from '../choose-place.ts';
import type { Output } from '../output.ts';

/**
 * Checks a configuration, the named or that of the other commands, as a synthesis does, without CDK and without a cloud.
 * @throws InvalidConfiguration with every rule that it breaks
 */
export async function validate(file: string | undefined, output: Output): Promise<void> {
  const resolved = path.resolve(findConfig(file ?? process.env['HOLDFAST_CONFIG'], process.cwd()) ?? 'holdfast.config.json');
  const config = readConfig(resolved);
  const { installation, region, fleets } = config;
  const warnings = [
    ...regionWarnings(region),
    ...sessionWarnings(config),
    ...Object.entries(fleets).flatMap(([name, fleet]) => [
      ...strategyWarnings(name, fleet),
      ...deployWarnings(name, fleet),
      ...canaryWarnings(name, fleet),
      ...unreachableStoreWarnings(name, fleet, config.store.existing === undefined),
    ]),
  ].map(({ message }) => message);
  const names = Object.keys(fleets);
  const watched = namedSessions(config).map(({ keyPrefix }) => keyPrefix);
  output.result({ valid: true, file: resolved, installation, region, fleets: names, warnings }, () =>
    [
      `${resolved} is valid: installation ${installation} in ${region}, ${names.length === 0 ? `no fleet, sessions ${watched.join(', ')}` : `${nounFor(names.length, 'fleet')} ${names.join(', ')}`}`,
      ...warnings.map((message) => `warning  ${message}`),
    ].join('\n'),
  );
}
