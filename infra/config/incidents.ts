/** How alarms start runbooks, and what these can do by themselves. */
import { z } from 'zod';
import { MITIGATIONS, type MitigationName, MODES, type Mode, whyAsks } from '../../functions/incidents/contract/mitigations.ts';
import { parsePart, writtenAs } from './created-or-existing.ts';

const isMode = (mode: string): mode is Mode => (MODES as readonly string[]).includes(mode);
const isMitigation = (name: string): name is MitigationName => (MITIGATIONS as readonly string[]).includes(name);

/** What an earlier version had, and what replaces it. */
const DO = 'a person has a mitigation carried out with "holdfast incidents do ID NAME"';
const IN_STEPS = 'is no mitigation any more: remove it; the steps of its causes have the commands';
const GONE_MITIGATIONS = ['restart-target', 'raise-ttl', 'keep-servers', 'shorten-anonymous', 'scale-store', 'volatile-eviction'];
const GONE_SETTINGS: Readonly<Record<string, string>> = {
  approvalMinutes: `is gone, since nothing waits for an answer: remove it; ${DO}`,
  keepServersMinutes: 'is now pageMinutes, the longest time of re-login-page: rename it',
};

/** `auto` only where a mitigation that fails can be undone. */
const readModes = z.record(z.string(), z.string()).superRefine((given, context) => {
  const refuse = (name: string, message: string) => context.addIssue({ code: 'custom', path: [name], message });
  for (const [name, mode] of Object.entries(given)) {
    if (GONE_MITIGATIONS.includes(name)) refuse(name, IN_STEPS);
    else if (!isMitigation(name)) refuse(name, `is no mitigation; there are ${MITIGATIONS.join(', ')}`);
    else if (mode === 'approve') refuse(name, `has no mode approve any more: use observe; ${DO}`);
    else if (!isMode(mode)) refuse(name, `has no mode ${JSON.stringify(mode)}: use ${MODES.join(' or ')}`);
    else if (mode === 'auto' && whyAsks(name) !== undefined)
      refuse(name, `${whyAsks(name)}, so that it cannot be auto: use observe; ${DO}`);
  }
}) as unknown as z.ZodType<Partial<Record<MitigationName, Mode>>>;
const modes = writtenAs(readModes, z.record(z.string(), z.enum(MODES)));

const settings = z.strictObject({
  enabled: z.boolean().default(true).describe('alarms start runbooks; `false`: alarms notify people, and nothing else'),
  mitigations: modes
    .default({})
    .describe(
      'mode by mitigation: `observe` or `auto`. One that is not named is `observe`: the report names it, and a person has it carried out',
    ),
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
  pageMinutes: z
    .int()
    .min(10)
    .max(1_440)
    .default(120)
    .describe('longest time of the mitigation `re-login-page`: it then ends with a message, even if the store has not recovered'),
});

export const incidents: z.ZodType<z.output<typeof settings>, z.input<typeof settings>> = writtenAs(
  z.unknown().transform((value, context) => parsePart(settings, value, context, (key) => GONE_SETTINGS[key])),
  settings,
) as never;
