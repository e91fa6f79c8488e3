/** How alarms start runbooks, and what these can do by themselves. */
import { z } from 'zod';
import { MITIGATIONS, type MitigationName, MODES, whyAsks } from '../../functions/incidents/contract/mitigations.ts';

const isMitigation = (name: string): name is MitigationName => (MITIGATIONS as readonly string[]).includes(name);

/** `auto` only where a mitigation that fails can be undone, with what it did to sessions. */
const modes = z.record(z.string(), z.enum(MODES)).superRefine((given, context) => {
  for (const [name, mode] of Object.entries(given)) {
    if (!isMitigation(name))
      context.addIssue({ code: 'custom', path: [name], message: `is no mitigation; there are ${MITIGATIONS.join(', ')}` });
    else if (mode === 'auto' && whyAsks(name) !== undefined)
      context.addIssue({
        code: 'custom',
        path: [name],
        message: `${whyAsks(name)}, so that it cannot be auto: use approve`,
      });
  }
}) as unknown as z.ZodType<Partial<Record<MitigationName, (typeof MODES)[number]>>>;

export const incidents = z.strictObject({
  enabled: z.boolean().default(true).describe('alarms start runbooks; `false`: alarms notify people, and nothing else'),
  mitigations: modes
    .default({})
    .describe('mode by mitigation: `observe`, `approve` or `auto`. One that is not named is `observe`: the report says what it would do'),
  approvalMinutes: z
    .int()
    .min(1)
    .max(1_440)
    .default(30)
    .describe('minutes for which a mitigation waits for a person, 1 to 1,440; then the answer is no'),
  mitigationsPerHour: z
    .int()
    .min(0)
    .max(20)
    .default(3)
    .describe(
      'maximum number of mitigations in any 60 minutes, for each fleet and as many for the store, by all runbooks together, 0 to 20',
    ),
  coolDownMinutes: z
    .int()
    .min(1)
    .max(1_440)
    .default(30)
    .describe('minutes after the start of a runbook in which further alarms of its kind join its incident, and start no other'),
  quietMinutes: z.int().min(1).max(1_440).default(10).describe('minutes for which all alarms of an incident must be OK until it is closed'),
  // Nothing replaces a server meanwhile.
  keepServersMinutes: z
    .int()
    .min(10)
    .max(1_440)
    .default(120)
    .describe('longest time of the mitigation `keep-servers`: it then ends with a message, even if the store has not recovered'),
});
