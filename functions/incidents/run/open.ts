import * as z from '../../shared/schema.ts';
import { firstSignOf, isQuiet, recheckComesBy } from '../alarm/episode.ts';
import { RUNBOOKS } from '../contract/causes.ts';
import type { IncidentRecord, Sign } from '../contract/incident.ts';
import type { MitigationKey } from '../contract/mitigations.ts';
import { IncidentGone, InvalidRunbook, type OpenReply, type RunbookInput, type RunContext } from '../contract/steps.ts';
import { type IncidentPointer, type IncidentRecords, incidentIdOf, openOrJoin } from '../records/incident-records.ts';

export interface OpenPorts {
  readonly records: IncidentRecords;
  readonly now: () => number;
  readonly fleets: readonly string[];
  readonly coolDownMs: number;
}

/** `startTime`: of the execution, in ISO 8601, so that a repeated step opens the same incident. */
export type OpenStep = { readonly step: 'open'; readonly input: unknown; readonly executionArn: string; readonly startTime: string };

const LOOKS_BACK_MS = 3_600_000;

/** Begins a run: of an incident that an alarm opened, or of one that a person asks for. @throws InvalidRunbook, IncidentGone */
export async function open(ports: OpenPorts, { input, executionArn, startTime }: OpenStep): Promise<OpenReply> {
  const { records, now, fleets } = ports;
  const given = readRunbookInput(input, fleets);
  if ('look' in given) return openRecheck(ports, given, executionArn);
  if ('do' in given) return openMitigation(ports, given, executionArn);
  const startedAtMs = Date.parse(startTime);
  const asked = 'incidentId' in given ? undefined : given;
  const found =
    'incidentId' in given ? await records.getIncident(given.incidentId) : await openAsked(ports, given, executionArn, startedAtMs);
  if (found === undefined && 'incidentId' in given) throw new IncidentGone(given.incidentId);
  if (found === undefined) return { verdict: 'SKIP', why: 'the sign is older than the incident that it belongs to' };
  const run = 'incidentId' in given ? given.run : found.executionArn === executionArn ? found.runs : found.runs + 1;
  const begun = await records.beginRun(found.incidentId, run, executionArn, now());
  if (begun === undefined) return { verdict: 'SKIP', why: `another run of ${found.incidentId} is under way, or was begun before this one` };
  const nowMs = now();
  const context = contextOf(begun, { fleets, executionArn, nowMs, ...(asked && { asked }) });
  const changesByMs = asked ? undefined : recheckComesBy(begun, nowMs);
  return { verdict: 'DONE', run: { ...context, ...(changesByMs !== undefined && { changesByMs }) } };
}

async function openRecheck(
  ports: OpenPorts,
  { incidentId, look }: { incidentId: string; look: number },
  executionArn: string,
): Promise<OpenReply> {
  const { records, now, fleets } = ports;
  const incident = await records.getIncident(incidentId);
  if (incident === undefined) throw new IncidentGone(incidentId);
  if (incident.closedAtMs !== undefined || isQuiet(incident)) return { verdict: 'SKIP', why: `no alarm of ${incidentId} is on` };
  const nowMs = now();
  const run = contextOf(incident, { fleets, executionArn, nowMs });
  return { verdict: 'DONE', run: { ...run, look, fromMs: nowMs - LOOKS_BACK_MS } };
}

/** A mitigation that a person has asked for goes on with the latest run: its evidence is the incident's. */
async function openMitigation(
  { records, now, fleets }: OpenPorts,
  { incidentId, do: asked }: { incidentId: string; do: MitigationKey },
  executionArn: string,
): Promise<OpenReply> {
  const known = await records.getIncident(incidentId);
  if (known === undefined) throw new IncidentGone(incidentId);
  const { state, requestedBy } = known.mitigations[asked] ?? {};
  const isAsked = requestedBy !== undefined && (state === 'planned' || known.executionArn === executionArn);
  const incident = isAsked && known.closedAtMs === undefined ? await records.continueRun(incidentId, executionArn) : undefined;
  if (incident === undefined) {
    const detail = 'another run of its runbook had just begun; nothing was sent: ask again when that has reported';
    if (isAsked) await records.moveMitigation(incidentId, asked, ['planned'], { state: 'refused', detail, finishedAtMs: now() });
    return { verdict: 'SKIP', why: `nobody waits for ${asked} of ${incidentId}, or another run is under way` };
  }
  return { verdict: 'DONE', run: { ...contextOf(incident, { fleets, executionArn, nowMs: now() }), asked } };
}

type Asked = Exclude<ReturnType<typeof readRunbookInput>, { incidentId: string }>;

async function openAsked({ records, coolDownMs }: OpenPorts, asked: Asked, executionArn: string, startedAtMs: number) {
  const { runbook, fleet, dryRun } = asked;
  const sign: Sign = asked.sign ?? { from: 'person', state: 'ALARM', atMs: asked.fromMs ?? startedAtMs };
  const incident = dryRun
    ? await records.ensureIncident(await dryRunPointer(records, asked, executionArn, startedAtMs))
    : await openOrJoin(records, { runbook, fleet, atMs: startedAtMs, coolDownMs });
  if (incident === undefined) return undefined;
  return (await records.addSign(incident.incidentId, sign)) ?? records.getIncident(incident.incidentId);
}

/** A dry run has an incident of its own, that no alarm joins. */
async function dryRunPointer(records: IncidentRecords, asked: Asked, executionArn: string, startedAtMs: number): Promise<IncidentPointer> {
  const fingerprint = `dry-run/${executionArn.split(':').at(-1)}`;
  const pointer: IncidentPointer = {
    incidentId: incidentIdOf(fingerprint, startedAtMs),
    fingerprint,
    runbook: asked.runbook,
    ...(asked.fleet !== undefined && { fleet: asked.fleet }),
    openedAtMs: startedAtMs,
    dryRun: true,
  };
  await records.putPointer(pointer, undefined);
  return pointer;
}

type Around = { readonly fleets: readonly string[]; readonly executionArn: string; readonly nowMs: number; readonly asked?: Asked };

/** Evidence counts from an hour before the first sign of this episode: what was hours or days before is not around it. */
export function contextOf(incident: IncidentRecord, { fleets, executionArn, nowMs, asked }: Around): RunContext {
  const { incidentId, runbook, fleet, runs } = incident;
  const firstSignMs = asked?.fromMs ?? firstSignOf(incident);
  return {
    incidentId,
    runbook,
    fleets: fleet === undefined ? fleets : [fleet],
    fromMs: asked?.fromMs ?? firstSignMs - LOOKS_BACK_MS,
    toMs: asked?.toMs ?? nowMs,
    firstSignMs,
    run: runs,
    executionArn,
    dryRun: incident.dryRun === true,
  };
}

const time = z.whole(0);
const known = z.strictObject({ incidentId: z.matching(/^inc-[0-9a-f]{12}$/), run: z.whole(1) });
const look = z.strictObject({ incidentId: z.matching(/^inc-[0-9a-f]{12}$/), look: z.whole(1) });
const person = z.strictObject({ incidentId: z.matching(/^inc-[0-9a-f]{12}$/), do: z.matching(/^[a-z-]{1,40}(@[a-z0-9-]{1,40})?$/) });
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

function readRunbookInput(value: unknown, fleets: readonly string[]): RunbookInput {
  const has = (field: string) => typeof value === 'object' && value !== null && field in value;
  const schema = has('look') ? look : has('do') ? person : has('incidentId') ? known : asked;
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new InvalidRunbook(`the runbook's input is not valid: ${z.prettifyError(parsed.error)}; nothing was started`);
  const { fleet } = parsed.data as { fleet?: string };
  if (fleet !== undefined && !fleets.includes(fleet))
    throw new InvalidRunbook(`there is no fleet ${JSON.stringify(fleet)}; there are ${fleets.join(', ') || 'none'}. Nothing was started`);
  return parsed.data as RunbookInput;
}
