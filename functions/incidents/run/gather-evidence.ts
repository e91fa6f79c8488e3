import { createHash } from 'node:crypto';
import { incidentKey, partKey } from '../contract/environment.ts';
import { type Collected, type Evidence, SOURCES } from '../contract/evidence.ts';
import type { CollectReply, RunContext } from '../contract/steps.ts';
import type { IncidentObjects } from '../records/incident-records.ts';

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
  return { evidence, sha256: sha256Of(body), key };
}

/** What {@link gatherEvidence} stored. Undefined where there is none: the runbook died before. */
export async function readEvidence(objects: IncidentObjects, run: Pick<RunContext, 'incidentId' | 'run'>): Promise<Bundle | undefined> {
  const key = incidentKey(run.incidentId, run.run, 'evidence.json');
  const body = await objects.get(key);
  return body === undefined ? undefined : { evidence: JSON.parse(body) as Evidence, sha256: sha256Of(body), key };
}
