import path from 'node:path';
import { nounFor } from '../../functions/shared/texts.ts';
import { checkConfiguration } from '../../infra/checks.ts';
import { namedSessions } from '../../infra/config/session-groups.ts';
import { readConfig } from '../../infra/config.ts';
import { findConfig } from '../choose-place.ts';
import type { Output } from '../output.ts';

/**
 * Checks a configuration, the named or that of the other commands, as a synthesis does, without CDK and without a cloud.
 * @throws InvalidConfiguration with every rule that it breaks
 */
export async function validate(file: string | undefined, _options: object, output: Output): Promise<void> {
  const resolved = path.resolve(findConfig(file ?? process.env['HOLDFAST_CONFIG'], process.cwd()) ?? 'holdfast.config.json');
  const config = readConfig(resolved);
  const { installation, region, fleets } = config;
  const warnings = checkConfiguration(config)
    .filter(({ severity }) => severity === 'warning')
    .map(({ sentence }) => sentence);
  const names = Object.keys(fleets);
  const watched = namedSessions(config).map(({ keyPrefix }) => keyPrefix);
  output.result({ valid: true, file: resolved, installation, region, fleets: names, warnings }, () =>
    [
      `${resolved} is valid: installation ${installation} in ${region}, ${names.length === 0 ? `no fleet, sessions ${watched.join(', ')}` : `${nounFor(names.length, 'fleet')} ${names.join(', ')}`}`,
      ...warnings.map((message) => `warning  ${message}`),
    ].join('\n'),
  );
}
