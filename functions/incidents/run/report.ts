import { createHash } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { recordsTableFrom } from '../../records/dynamo-records.ts';
import { CLIENT_OPTIONS } from '../../shared/aws/client-options.ts';
import { textObjectsOf } from '../../shared/aws/objects.ts';
import { MESSAGE_CLIENT_OPTIONS, type PublishMessage, publishTo } from '../../shared/aws/publish-message.ts';
import { holdfast, LOCAL_ACCOUNT_ID } from '../../shared/command-options.ts';
import { type Environment, required } from '../../shared/environment.ts';
import { describeError } from '../../shared/errors.ts';
import { LOG_EVENTS, type Log } from '../../shared/log-events.ts';
import { isQuiet } from '../alarm/episode.ts';
import { INCIDENTS_ENV, incidentKey, partKey } from '../contract/environment.ts';
import { type Collected, type Evidence, SOURCES } from '../contract/evidence.ts';
import type { IncidentRecord } from '../contract/incident.ts';
import type { CollectReply, RunContext } from '../contract/steps.ts';
import { reportFacts } from '../estimate/report-facts.ts';
import { dynamoIncidentRecords } from '../records/dynamo-incident-records.ts';
import { createIncidentObjects, type IncidentObjects, type IncidentRecords } from '../records/incident-records.ts';
import type { Place } from '../report/incident-page.ts';
import { pageOf } from '../report/page.ts';
import { withoutClients } from '../report/plain.ts';
import { shortMessageOf } from '../report/short-message.ts';
import { optionsFor } from '../report/step-facts.ts';
import { markdownOf } from '../report/text.ts';

export interface Bundle {
  readonly evidence: Evidence;
  readonly sha256: string;
  readonly key: string;
}

const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');

function partOf(text: string | undefined, reply: CollectReply | undefined): Collected<unknown> {
  if (text === undefined) return { gap: reply?.gap ?? 'it was not collected' };
  try {
    return JSON.parse(text) as Collected<unknown>;
  } catch {
    return { gap: 'what was collected cannot be read' };
  }
}

export const gatherEvidence = async (objects: IncidentObjects, run: RunContext, replies: readonly CollectReply[]): Promise<Bundle> =>
  storeBundle(objects, run, await readParts(objects, run, replies));

export async function readParts(objects: IncidentObjects, run: RunContext, replies: readonly CollectReply[]): Promise<Evidence> {
  const { incidentId, fromMs, toMs, firstSignMs } = run;
  const parts = await Promise.all(
    SOURCES.map(async (source) => {
      const reply = replies.find((one) => one.source === source);
      return [source, partOf(await objects.get(partKey(run, source)), reply)] as const;
    }),
  );
  return { incidentId, fromMs, toMs, firstSignMs, sources: Object.fromEntries(parts) } as Evidence;
}

export async function storeBundle(objects: IncidentObjects, { incidentId, run }: RunContext, evidence: Evidence): Promise<Bundle> {
  const body = JSON.stringify(evidence, undefined, 1);
  const key = incidentKey(incidentId, run, 'evidence.json');
  await objects.put(key, body, 'application/json');
  latest = { evidence, sha256: sha256Of(body), key };
  return latest;
}

/** The next step of a run mostly comes to the same environment: what it has read, and concluded from it, serves once more. Nothing changes evidence. */
let latest: Bundle | undefined;

/** What {@link gatherEvidence} stored. Undefined where there is none: the runbook died before. */
export async function readEvidence(objects: IncidentObjects, run: Pick<RunContext, 'incidentId' | 'run'>): Promise<Bundle | undefined> {
  const key = incidentKey(run.incidentId, run.run, 'evidence.json');
  const body = await objects.get(key);
  if (body === undefined) return undefined;
  const sha256 = sha256Of(body);
  if (latest?.sha256 !== sha256 || latest.key !== key) latest = { evidence: JSON.parse(body) as Evidence, sha256, key };
  return latest;
}

export function placeFrom(environment: Environment): Place {
  const [, , , region = '', account = ''] = required(environment, INCIDENTS_ENV.stateMachineArn).split(':');
  const documentation = environment[INCIDENTS_ENV.documentation];
  return {
    installation: required(environment, INCIDENTS_ENV.installation),
    region,
    local: account === LOCAL_ACCOUNT_ID,
    fleets: JSON.parse(required(environment, INCIDENTS_ENV.fleetNames)) as string[],
    ...(documentation && { documentation }),
  };
}

export const renderReport =
  (place: Place, now: () => number): RenderReport =>
  (incident, evidence) => {
    const page = pageOf({ incident, evidence, place, nowMs: now(), facts: evidence ? reportFacts(evidence) : [] });
    const options = optionsFor(place, incident.fleet ?? place.fleets[0] ?? '');
    const { subject, message } = shortMessageOf(page, holdfast(`incidents show ${incident.incidentId} ${options}`));
    return { markdown: markdownOf(page), json: { incident, page }, subject, text: message };
  };

export function reportPortsFrom(environment: Environment, log: Log): ReportPorts & { readonly place: Place } {
  const place = placeFrom(environment);
  return {
    records: dynamoIncidentRecords(recordsTableFrom(environment)),
    objects: createIncidentObjects(textObjectsOf(new S3Client(CLIENT_OPTIONS), required(environment, INCIDENTS_ENV.bucket))),
    publish: publishTo(new SNSClient(MESSAGE_CLIENT_OPTIONS), required(environment, INCIDENTS_ENV.topicArn)),
    place,
    render: renderReport(place, Date.now),
    log,
    now: Date.now,
  };
}

/** A digest of what a report says of an incident's end. By content, since the clocks of functions differ. */
export function reportedStates({ mitigations, closedAtMs }: Pick<IncidentRecord, 'mitigations' | 'closedAtMs'>): string {
  const states = Object.entries(mitigations).map(([key, record]) => `${key} ${record?.state} ${record?.finishedAtMs}`);
  return createHash('sha256')
    .update([`closed ${closedAtMs}`, ...states.toSorted()].join('\n'))
    .digest('hex')
    .slice(0, 16);
}

/** Whether its report says something that is over, or nothing of its end. False while a runbook works on it, which reports in its turn. */
export const isReportStale = (incident: IncidentRecord): boolean =>
  incident.running === undefined && incident.reported !== undefined && incident.reported !== reportedStates(incident);

export interface Rendered {
  readonly markdown: string;
  readonly json: object;
  readonly subject: string;
  readonly text: string;
}
export type RenderReport = (incident: IncidentRecord, evidence: Evidence | undefined) => Rendered;

export interface ReportPorts {
  readonly records: Pick<IncidentRecords, 'getIncident' | 'change'>;
  readonly objects: IncidentObjects;
  readonly publish: PublishMessage;
  readonly render: RenderReport;
  readonly log: Log;
  readonly now: () => number;
}

export interface ReportReply {
  readonly verdict: 'DONE';
  readonly unsent?: string;
}

/** The record stays the truth: what S3 or SNS refuses is named there, and sent later. @param isOver whether the run ends with it */
export async function report(ports: ReportPorts, incidentId: string, isOver: boolean, notifies = true): Promise<ReportReply> {
  const { records, now, log } = ports;
  const known = await records.getIncident(incidentId);
  if (known === undefined) return { verdict: 'DONE' };
  const ended = isOver ? await end(ports, known) : known;
  const failures: string[] = [];
  const attempt = async (what: string, work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      failures.push(`${what}: ${withoutClients(describeError(error))}`);
    }
  };
  let unsent: string | undefined;
  await attempt('the report was not stored', () => store(ports, ended));
  if (notifies && !ended.dryRun && ended.explainedBy === undefined) {
    await attempt('the message was not sent', async () => {
      const fresh = (await records.getIncident(incidentId)) ?? ended;
      // People hear of it without the evidence, too.
      const bundle = await readEvidence(ports.objects, { incidentId, run: fresh.runs }).catch(() => undefined);
      const { subject, text } = ports.render(fresh, bundle?.evidence);
      await ports.publish({ subject, text });
    });
  }
  if (failures.length > 0) {
    unsent = failures.join('; ');
    await records.change(incidentId, { unsent: { since: known.unsent?.since ?? now(), reason: unsent } });
  } else if (notifies) await records.change(incidentId, {}, { remove: ['unsent'] });
  log.info(LOG_EVENTS.incidentReported, { incidentId, verdict: ended.finding?.verdict, unsent });
  return { verdict: 'DONE', ...(unsent !== undefined && { unsent }) };
}

/**
 * One message, where people have got a report since the last such. @throws what SNS answers: the incident stays open until people have it
 */
export async function reportEnd(
  { records, publish, render }: Pick<ReportPorts, 'records' | 'publish' | 'render'>,
  incidentId: string,
  closedAtMs: number,
) {
  const incident = await records.getIncident(incidentId);
  if (incident === undefined || incident.dryRun || incident.explainedBy !== undefined || incident.reported === undefined) return;
  if ((incident.endSentMs ?? 0) > (incident.lastRunAtMs ?? 0)) return;
  const { subject, text } = render({ ...incident, stage: 'closed', closedAtMs }, undefined);
  await publish({ subject, text });
  await records.change(incidentId, { endSentMs: closedAtMs });
}

async function end({ records, now }: ReportPorts, incident: IncidentRecord): Promise<IncidentRecord> {
  const nowMs = now();
  const quiet = isQuiet(incident) && incident.quietSinceMs === undefined ? { quietSinceMs: nowMs } : {};
  const stage = incident.dryRun ? { stage: 'closed' as const, closedAtMs: nowMs } : { stage: 'watching' as const };
  const ended = await records.change(incident.incidentId, { ...stage, ...quiet }, { remove: ['running'] });
  return ended ?? incident;
}

async function store(
  { records, objects, render }: Pick<ReportPorts, 'records' | 'objects' | 'render'>,
  incident: IncidentRecord,
): Promise<void> {
  const { incidentId, runs } = incident;
  const bundle = await readEvidence(objects, { incidentId, run: runs });
  const markdownKey = incidentKey(incidentId, runs, 'report.md');
  const jsonKey = incidentKey(incidentId, runs, 'report.json');
  // What was reported once stays the evidence: a bundle that differs by now is not shown.
  const evidenceSha256 = reportedSha256(incident, bundle) ?? bundle?.sha256;
  const isChanged = bundle !== undefined && bundle.sha256 !== evidenceSha256;
  const named = bundle && evidenceSha256 !== undefined && { markdownKey, jsonKey, evidenceKey: bundle.key, evidenceSha256 };
  const shown = { ...incident, ...(named && { report: named }), ...(isChanged && { troubles: [...(incident.troubles ?? []), CHANGED] }) };
  const { markdown, json } = render(shown, isChanged ? undefined : bundle?.evidence);
  await objects.put(markdownKey, markdown, 'text/markdown; charset=utf-8');
  await objects.put(jsonKey, JSON.stringify(json, undefined, 1), 'application/json');
  await records.change(incidentId, { ...(named && { report: named }), reported: reportedStates(incident) });
}

const CHANGED = 'the bundle of evidence was changed after its report: it no longer has the SHA-256 that is named here, and is not shown';

const reportedSha256 = ({ report: known }: IncidentRecord, bundle: Bundle | undefined): string | undefined =>
  known?.evidenceKey === bundle?.key ? known?.evidenceSha256 : undefined;

/** Writes the stored report again where it no longer says what the record says. @returns whether it was written @throws what S3 answers */
export async function refreshReport(
  ports: Pick<ReportPorts, 'records' | 'objects' | 'render'>,
  incidentId: string,
  closedAtMs?: number,
): Promise<boolean> {
  const known = await ports.records.getIncident(incidentId);
  const isClosing = closedAtMs !== undefined && known?.closedAtMs === undefined;
  const incident = known && isClosing ? { ...known, stage: 'closed' as const, closedAtMs } : known;
  if (incident === undefined || !isReportStale(incident)) return false;
  await store(ports, incident);
  return true;
}
