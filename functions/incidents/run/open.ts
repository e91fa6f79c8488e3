import { recheckComesBy } from '../alarm/decide-recheck.ts';
import { firstSignOf, isQuiet } from '../alarm/episode.ts';
import type { IncidentRecord, Sign } from '../contract/incident.ts';
import type { OpenReply, RunContext } from '../contract/steps.ts';
import type { IncidentPointer, IncidentRecords } from '../records/incident-records.ts';
import { incidentIdOf, openOrJoin } from '../records/open-or-join.ts';
import { readRunbookInput } from './read-input.ts';
import { IncidentGone } from './run-errors.ts';

export interface OpenPorts {
  readonly records: IncidentRecords;
  readonly now: () => number;
  readonly fleets: readonly string[];
  readonly coolDownMs: number;
}

export interface OpenStep {
  readonly step: 'open';
  readonly input: unknown;
  readonly executionArn: string;
  /** ISO 8601: of the execution, so that a repeated step opens the same incident. */
  readonly startTime: string;
}

const LOOKS_BACK_MS = 3_600_000;

/** Begins a run: of an incident that an alarm opened, or of one that a person asks for. @throws InvalidRunbook, IncidentGone */
export async function open(ports: OpenPorts, { input, executionArn, startTime }: OpenStep): Promise<OpenReply> {
  const { records, now, fleets } = ports;
  const given = readRunbookInput(input, fleets);
  if ('look' in given) return openRecheck(ports, given, executionArn);
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
  // A person who asks waits for all of it.
  const changesByMs = asked ? undefined : recheckComesBy(begun, nowMs);
  return { verdict: 'DONE', run: { ...context, ...(changesByMs !== undefined && { changesByMs }) } };
}

/** A re-check begins no run: it only reads, for a start. */
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

interface Around {
  readonly fleets: readonly string[];
  readonly executionArn: string;
  readonly nowMs: number;
  readonly asked?: Asked;
}

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
