import { parseJson } from '../shared/json.ts';
import * as z from '../shared/schema.ts';
import { POLICIES, type SweepSettings } from './contract/settings.ts';
import type { SweepInput } from './contract/steps.ts';
import { LIFE_CHANGES } from './contract/tally.ts';
import { InvalidSweep } from './errors.ts';
import { sweepSettings } from './settings-schema.ts';

const policy = z.enum(POLICIES);
/** What starts the sweep's state machine. */
export const sweepInput = z.strictObject({
  dryRun: z.optional(z.boolean()),
  full: z.optional(z.boolean()),
  learn: z.optional(z.boolean()),
  check: z.optional(z.boolean()),
  policy: z.optional(z.union([policy, z.record(z.string(), policy)])),
  pace: z.optional(z.enum(['fast', 'gentle'])),
  reconcile: z.optional(z.boolean()),
  lives: z.optional(z.enum(LIFE_CHANGES)),
  sampleEvery: z.optional(z.whole(1, 100_000)),
  requestedBy: z.optional(z.text(1, 128)),
  alarmAt: z.optional(z.iso.datetime()),
});

/** @throws InvalidSweep quoting what is wrong */
export function readSweepInput(value: unknown): SweepInput {
  const parsed = sweepInput.safeParse(value);
  if (!parsed.success) throw new InvalidSweep(`the sweep's input is not valid: ${z.prettifyError(parsed.error)}; no sweep was started`);
  return parsed.data;
}

/** The installation's settings, from the function's environment. @throws InvalidSweep */
export function readSweepSettings(text: string): SweepSettings {
  const parsed = sweepSettings.safeParse(parseJson(text));
  if (!parsed.success) throw new InvalidSweep(`the sweep's settings are not valid: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Settings with the input of one sweep. A policy for all dialects also replaces those of single dialects. */
export function settingsFor(settings: SweepSettings, { policy: given, pace, reconcile, sampleEvery, lives }: SweepInput): SweepSettings {
  // Every key with a TTL is read, and no key without one is repaired.
  if (lives !== undefined) {
    return { ...settings, policy: 'report', policies: {}, reconcile: false, sampleEvery: 1, ...(pace && { pace }) };
  }
  const policies = typeof given === 'string' ? { policy: given, policies: {} } : { policies: { ...settings.policies, ...given } };
  return {
    ...settings,
    ...policies,
    ...(pace && { pace }),
    ...(reconcile !== undefined && { reconcile }),
    ...(sampleEvery && { sampleEvery }),
  };
}
