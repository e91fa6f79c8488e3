import { SETTINGS_ENV } from '../../../functions/deploy/settings/settings.ts';
import type { Installation } from './installation.ts';

/** The installation with other settings for its deploys. */
export function withSettings(installation: Installation, settings: Readonly<Record<string, unknown>>): Installation {
  const functionEntries = Object.entries(installation.functions).map(([name, one]) => {
    const text = one.environment[SETTINGS_ENV.deploySettings];
    if (text === undefined) return [name, one];
    const changed = JSON.stringify({ ...(JSON.parse(text) as object), ...settings });
    return [name, { ...one, environment: { ...one.environment, [SETTINGS_ENV.deploySettings]: changed } }];
  });
  return { ...installation, functions: Object.fromEntries(functionEntries) as Installation['functions'] };
}
