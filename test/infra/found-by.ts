import { checkConfiguration, SYNTH_CHECKS } from '../../infra/checks.ts';

/** What some checks of the synthesis find in a configuration, or in a part of one. */
export const foundBy = (config: object, ...checks: readonly string[]) => {
  for (const name of checks) if (!SYNTH_CHECKS.some((check) => check.name === name)) throw new Error(`there is no check ${name}`);
  return checkConfiguration(config as Parameters<typeof checkConfiguration>[0])
    .filter(({ check }) => checks.includes(check))
    .map(({ check, sentence }) => ({ check, sentence }));
};
