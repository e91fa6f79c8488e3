/** The zones that `holdfast init` writes. Pure. */

import { judgeZones, listed } from '../../functions/checks/watching.ts';
import { holdfast } from '../../functions/shared/command-options.ts';
import type { Lookup } from '../doctor/lookup.ts';
import { badInput } from '../failure.ts';

export interface ChosenZones {
  /** What the configuration gets; undefined where its default is right, or could not be checked. */
  readonly written?: readonly string[];
  /** Letters of the account's zones; undefined if they could not be read. */
  readonly found?: readonly string[];
  /** Printed for people. */
  readonly line: string;
}

/** @throws CommandFailure NoZones when the account has fewer than two */
export function chooseZones(region: string, byDefault: readonly string[], found: Lookup<readonly string[]>): ChosenZones {
  if (found.state !== 'known') {
    const why = found.state === 'unknown' ? found.reason : 'AWS has no such list';
    return {
      line: `The zones of ${region} were not checked: ${why}. The configuration has ${listed(byDefault)}; "${holdfast('doctor')}" finds those that your account does not have.`,
    };
  }
  const { missing, instead } = judgeZones(byDefault, found.value);
  if (instead.length < 2)
    throw badInput(
      'NoZones',
      `The account has ${found.value.length === 0 ? 'no zone' : `only zone ${listed(found.value)}`} in ${region}, and Holdfast needs two. Nothing was written. Choose another Region with --region.`,
    );
  const line = `zones of this account in ${region}: ${listed(found.value)}`;
  if (missing.length === 0) return { found: found.value, line };
  return {
    written: instead,
    found: found.value,
    line: `${line}; it does not have ${listed(missing)}, so the configuration has ${listed(instead)}`,
  };
}
