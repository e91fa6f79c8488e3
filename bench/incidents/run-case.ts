/** One case: a baseline, faults, a wait, the runbook, and everything back as it was. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cloud } from '../../cli/cloud.ts';
import type { Evidence } from '../../functions/incidents/contract/evidence.ts';
import type { Fault } from '../../local/incident-faults/contract.ts';
import { clearFaults, type FaultPorts, injectFault } from '../../local/incident-faults/inject.ts';
import { findFault } from '../../local/incident-faults/table.ts';
import type { BenchCase } from './cases.ts';
import { type CaseResult, judgeFinding, mitigationsOf } from './judge.ts';
import { type Baseline, plantBaseline } from './plant-baseline.ts';
import { runRunbook } from './run-runbook.ts';
import { withFewSessions } from './with-few-sessions.ts';

export interface CaseEnvironment {
  readonly cloud: Cloud;
  readonly ports: FaultPorts;
  readonly baseline: Baseline;
  /** Folder for the evidence of each case. @default none is kept */
  readonly record?: string;
  readonly log: (line: string) => void;
}

/** The same traffic without a fault before it: what the case before has left is over. */
const QUIET_BEFORE_MS = 8_000;
/** Until the load balancer sends requests to every server again. */
const SETTLED_MS = 3_000;

/** @throws Error when what a fault changed cannot be put back: every later case would see it */
export async function runCase(one: BenchCase, environment: CaseEnvironment): Promise<CaseResult> {
  const result = await plantAndFind(one, environment).catch((error: Error): CaseResult => {
    const nothing = { mitigated: 0, undoneSafely: 0, gaps: {}, detectSeconds: 0 };
    return { name: one.name, found: 'failed', verdict: 'failed', ...nothing, problem: error.message };
  });
  const { left } = await clearFaults(environment.ports);
  if (left.length > 0) throw new Error(`${one.name} could not be cleared: ${left.join('; ')}`);
  return result;
}

async function plantAndFind(one: BenchCase, { cloud, ports, baseline, record, log }: CaseEnvironment): Promise<CaseResult> {
  await sleep(QUIET_BEFORE_MS);
  await plantBaseline(cloud, baseline);
  const begunAtMs = Date.now();
  const faults = one.faults.map((name) => findFault(name) as Fault);
  for (const fault of faults) await injectFault(fault, ports);
  const setAtMs = Date.now();
  // The starts of servers that plant a fault are no part of it: they move users to other servers.
  const isPlantedByStarts = faults.some(({ cause, changes }) => cause && changes.some(({ kind }) => kind === 'environment'));
  const fromMs = isPlantedByStarts ? setAtMs + SETTLED_MS : begunAtMs;
  await sleep(one.waitMs);
  log(`${one.name}: the runbook ${one.runbook} starts`);
  const sign = { from: 'person', state: 'ALARM', atMs: setAtMs } as const;
  const { incident, evidence, foundAtMs } = await runRunbook(cloud, { runbook: one.runbook, fleet: cloud.fleet, fromMs, sign });
  if (record !== undefined && evidence) keepEvidence(record, one, evidence);
  const { finding, mitigations, incidentId, runs: run } = incident;
  if (!finding) throw new Error('the incident has no finding');
  return {
    name: one.name,
    found: finding.verdict === 'cause' ? finding.cause : finding.verdict,
    ...(finding.verdict === 'cause' && { confidence: finding.confidence }),
    verdict: judgeFinding(one, finding),
    detectSeconds: (foundAtMs - setAtMs) / 1000,
    ...mitigationsOf(Object.values(mitigations), run, false),
    ...{ incidentId, run, gaps: gapsOf(evidence) },
  };
}

function gapsOf(evidence: Evidence | undefined): Readonly<Record<string, string>> {
  const sources = Object.entries(evidence?.sources ?? {});
  return Object.fromEntries(sources.flatMap(([name, collected]) => (collected && 'gap' in collected ? [[name, collected.gap]] : [])));
}

/** As the tests without a cloud read it. */
function keepEvidence(folder: string, { name, runbook, expected }: BenchCase, evidence: Evidence): void {
  mkdirSync(folder, { recursive: true });
  const bundle = { runbook, expect: expected[0] ?? 'nothing', evidence: withFewSessions(evidence) };
  writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(bundle, undefined, 2)}\n`);
}
