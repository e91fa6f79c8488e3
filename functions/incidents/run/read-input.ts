import * as z from '../../shared/schema.ts';
import { RUNBOOKS } from '../contract/causes.ts';
import type { RunbookInput } from '../contract/steps.ts';
import { InvalidRunbook } from './run-errors.ts';

const time = z.whole(0);
const known = z.strictObject({ incidentId: z.matching(/^inc-[0-9a-f]{12}$/), run: z.whole(1) });
const look = z.strictObject({ incidentId: z.matching(/^inc-[0-9a-f]{12}$/), look: z.whole(1) });
const asked = z.strictObject({
  runbook: z.enum(RUNBOOKS),
  fleet: z.optional(z.text(1, 24)),
  dryRun: z.optional(z.boolean()),
  fromMs: z.optional(time),
  toMs: z.optional(time),
  sign: z.optional(
    z.strictObject({
      from: z.text(1, 255),
      state: z.enum(['ALARM', 'OK', 'INSUFFICIENT_DATA']),
      atMs: time,
      reason: z.optional(z.text(0, 300)),
    }),
  ),
});

/** @throws InvalidRunbook quoting what is wrong */
export function readRunbookInput(value: unknown, fleets: readonly string[]): RunbookInput {
  const has = (field: string) => typeof value === 'object' && value !== null && field in value;
  const schema = has('look') ? look : has('incidentId') ? known : asked;
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new InvalidRunbook(`the runbook's input is not valid: ${z.prettifyError(parsed.error)}; nothing was started`);
  const { fleet } = parsed.data as { fleet?: string };
  if (fleet !== undefined && !fleets.includes(fleet))
    throw new InvalidRunbook(`there is no fleet ${JSON.stringify(fleet)}; there are ${fleets.join(', ') || 'none'}. Nothing was started`);
  return parsed.data as RunbookInput;
}
