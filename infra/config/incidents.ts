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
  /** Alarms start runbooks. `false`: alarms notify people, and nothing else. */
  enabled: z.boolean().default(true),
  /** What is not named here is `observe`: the report says what it would have done. */
  mitigations: modes.default({}),
  /** How long a mitigation waits for a person; then the answer is no. */
  approvalMinutes: z.int().min(1).max(1_440).default(30),
  /** The limit holds for all runbooks together, in any 60 minutes. */
  mitigationsPerHour: z.int().min(0).max(20).default(3),
  /** After a runbook of an incident has begun, further alarms of the same kind join it, and do not start the next one. */
  coolDownMinutes: z.int().min(1).max(1_440).default(30),
  /** Minutes for which all alarms of an incident have to be OK until it is closed. */
  quietMinutes: z.int().min(1).max(1_440).default(10),
  /**
   * Longest time of keep-servers, because nothing replaces a server meanwhile: it then ends with a message, even if the store has not
   * recovered.
   */
  keepServersMinutes: z.int().min(10).max(1_440).default(120),
});
