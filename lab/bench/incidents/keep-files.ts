/** What a case leaves for later: its evidence for tests without a cloud, and its page for readers without code. */

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { readIncident } from '../../../cli/incidents/incidents.ts';
import { type OpenCloud, releasesBucketOf } from '../../../cli/open-stores.ts';
import { incidentKey } from '../../../functions/incidents/contract/environment.ts';
import type { Evidence } from '../../../functions/incidents/contract/evidence.ts';
import type { IncidentRecord } from '../../../functions/incidents/contract/incident.ts';
import { textOf } from '../../../functions/incidents/report/text.ts';
import type { BenchCase } from './cases.ts';
import { kindOf, type Shown } from './expectations.ts';
import { withFewSessions } from './with-few-sessions.ts';

/** Undefined when it cannot be read: the case is judged all the same. */
export async function readEvidence(cloud: OpenCloud<'s3'>, { incidentId, runs }: IncidentRecord): Promise<Evidence | undefined> {
  try {
    const Key = incidentKey(incidentId, runs, 'evidence.json');
    const { Body } = await cloud.s3.send(new GetObjectCommand({ Bucket: releasesBucketOf(cloud), Key }));
    return JSON.parse((await Body?.transformToString()) ?? '') as Evidence;
  } catch {
    return undefined;
  }
}

/** As the tests without a cloud read it. */
export function keepEvidence(folder: string, { name, runbook, expected }: BenchCase, evidence: Evidence): void {
  mkdirSync(folder, { recursive: true });
  const bundle = { runbook, expect: expected[0] ?? 'nothing', evidence: withFewSessions(evidence) };
  writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(bundle, undefined, 2)}\n`);
}

/** Reads the page that `holdfast incidents show` prints. @param folder keeps it as NAME.txt @default it is not kept */
export async function readPage(
  cloud: OpenCloud<'incidents' | 's3'>,
  incidentId: string,
  name: string,
  folder: string | undefined,
): Promise<Shown> {
  const { page } = await readIncident(cloud, incidentId, Date.now());
  if (folder !== undefined) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, `${name}.txt`), `${cloud.title}\n\n${textOf(page)}\n`);
  }
  const [first] = page.next;
  return { about: page.about, firstStep: first && kindOf(first) };
}
