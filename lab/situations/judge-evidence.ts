/** From the evidence of a situation to the finding and the page, through the steps of a run. It reads nothing else: stored evidence is judged as well. */

import { incidentKey, partKey } from '../../functions/incidents/contract/environment.ts';
import { CHANGES_COME_LATER, type Evidence, factsOf, SOURCES, type Source } from '../../functions/incidents/contract/evidence.ts';
import type { RunContext } from '../../functions/incidents/contract/steps.ts';
import type { IncidentPage } from '../../functions/incidents/report/incident-page.ts';
import { renderReport } from '../../functions/incidents/run/report.ts';
import { createRun } from '../../functions/incidents/run/run-steps.ts';
import { plannedCalls } from '../../test/functions/incidents/planned-calls.ts';
import { simulatedIncidentRecords } from '../../test/functions/incidents/simulated-incident-records.ts';
import { RUNBOOK_ARN } from './answers/aws.ts';
import { FLEET } from './answers/records.ts';
import type { Runbook, Situation } from './situation.ts';
import { NOW_MS, timeOf } from './world/timeline.ts';

/** What a run came to. */
export interface Outcome {
  readonly page: IncidentPage;
  /** What people get by e-mail or on a telephone. */
  readonly message: { readonly subject: string; readonly text: string };
  readonly evidence: Evidence;
}

export const INSTALLATION = 'holdfast';
const PLACE = { installation: INSTALLATION, region: 'eu-west-1', local: false, fleets: [FLEET] };
/** Such as opens an incident of the runbook. */
const ALARMS: Readonly<Record<Runbook, string>> = {
  'logged-out': 'holdfast-web-redirects',
  'store-failure': 'holdfast-store-store-unreachable',
  'session-explosion': 'holdfast-store-memory-percent',
};
const now = () => NOW_MS;

/** A group that fails over by itself, or has no replica: so its plan judges it too. */
const canPromote = (evidence: Evidence): boolean => {
  const group = factsOf(evidence, 'storeGroup');
  return group !== undefined && !group.automaticFailover && group.members.some(({ role }) => role === 'replica');
};

interface OpenRun {
  readonly run: RunContext;
  readonly steps: ReturnType<typeof createRun>;
  readonly records: ReturnType<typeof simulatedIncidentRecords>;
  readonly objects: Map<string, string>;
  readonly messages: readonly Outcome['message'][];
}

/** The run that the situation's alarm, or a person, begins: the same each time. */
export async function openRun({ name, runbook, signMinutes = 8, byPerson = false }: Situation): Promise<OpenRun> {
  const objects = new Map<string, string>();
  const messages: Outcome['message'][] = [];
  const records = simulatedIncidentRecords();
  const steps = createRun({
    records,
    objects: { put: async (key, body) => void objects.set(key, body), get: async (key) => objects.get(key) },
    publish: async (message) => void messages.push(message),
    render: renderReport(PLACE, now),
    ...{ place: PLACE, fleets: [FLEET], coolDownMs: 1_800_000, modes: {}, now },
    log: { info: () => {}, warn: () => {} },
  });
  const executionArn = `${RUNBOOK_ARN.replace(':stateMachine:', ':execution:')}:${name}`;
  const sign = { from: byPerson ? 'person' : ALARMS[runbook], state: 'ALARM', atMs: timeOf(-signMinutes) } as const;
  const opened = await steps({
    ...{ step: 'open', input: { runbook, fleet: FLEET, sign } },
    ...{ executionArn, startTime: new Date(NOW_MS).toISOString() },
  });
  if (!('run' in opened) || opened.verdict !== 'DONE') throw new Error(`${name}: the run was not opened`);
  return { run: opened.run, steps, records, objects, messages };
}

/** With evidence in which changes are read; `isFirst`: in which they are not yet, as at the first finding of an alarm. */
export async function judgeEvidence(situation: Situation, { sources }: Evidence, isFirst = false): Promise<Outcome> {
  const { run, steps, records, objects, messages } = await openRun(situation);
  const read = (file: string) => JSON.parse(objects.get(incidentKey(run.incidentId, run.run, file)) ?? '{}') as object;
  const parts = isFirst ? { ...sources, changes: { gap: `${CHANGES_COME_LATER}10:59 UTC` } } : sources;
  for (const [source, part] of Object.entries(parts)) objects.set(partKey(run, source as Source), JSON.stringify(part));
  await steps({ step: 'classify', run, collected: SOURCES.map((source) => ({ source })) });
  const evidence = read('evidence.json') as Evidence;
  const decided = await steps({ step: 'decide', run });
  // As plans leave them on record in the mode `observe`: one that its own plan refuses has no calls.
  const planned = ('decisions' in decided ? decided.decisions : []).filter(
    ({ name }) => name !== 'promote-replica' || canPromote(evidence),
  );
  for (const { key, name, target } of planned)
    await records.putMitigation(run.incidentId, key, {
      ...{ name, target, run: run.run, mode: 'observe', state: 'observed' },
      ...plannedCalls(name),
    });
  await steps({ step: 'report', run });
  const [message] = messages;
  if (message === undefined) throw new Error(`${situation.name}: the run sent no message`);
  return { page: (read('report.json') as { page: IncidentPage }).page, message, evidence };
}
