/** Asks single functions of incidents as the runbook and the schedule do, about an incident that is made up. */
import { randomBytes } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { dynamoStoreRecords } from '../../functions/collect/store-records.ts';
import { runbookStateMachineName } from '../../functions/incidents/contract/environment.ts';
import type { Source } from '../../functions/incidents/contract/evidence.ts';
import type { IncidentRecord, MitigationRecord } from '../../functions/incidents/contract/incident.ts';
import { type Decision, MITIGATIONS, type MitigationName, type Mode } from '../../functions/incidents/contract/mitigations.ts';
import type { CollectReply, MitigateReply, MitigateStep, RunContext } from '../../functions/incidents/contract/steps.ts';
import { dynamoIncidentRecords } from '../../functions/incidents/records/dynamo-incident-records.ts';
import type { IncidentPointer } from '../../functions/incidents/records/incident-records.ts';
import { recordKeys } from '../../functions/records/keys.ts';
import { createRecordsTable } from '../../functions/records/records-table.ts';
import { sdkDynamoCalls } from '../../functions/records/sdk-dynamo-calls.ts';
import { INCIDENTS_PART, recordsTableName } from '../../functions/shared/naming.ts';
import { until } from '../until.ts';
import { kept } from './fleet.ts';
import { asked } from './hold-fleet.ts';

export const RUNBOOK_ARN = `arn:aws:states:${kept.region}:000000000000:stateMachine:${runbookStateMachineName('holdfast')}`;
/** That its state machine has never heard of. */
const EXECUTION = `${RUNBOOK_ARN.replace(':stateMachine:', ':execution:')}:of-no-runbook`;

const client = { region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials };
const dynamo = DynamoDBDocumentClient.from(new DynamoDBClient(client), { marshallOptions: { removeUndefinedValues: true } });
const table = createRecordsTable(sdkDynamoCalls(dynamo), recordsTableName('holdfast'));
export const records = dynamoIncidentRecords(table);

/** One of the functions, as its state machine or schedule calls it. @throws Error with what the function failed with */
export const askIncidents = <T>(role: string, request: object): Promise<T> => asked<T>(role, request, INCIDENTS_PART);

export interface MadeUp {
  readonly incidentId: string;
  readonly run: RunContext;
  readonly decisionOf: (name: MitigationName, mode: Mode) => Decision;
  mitigationOf(name: MitigationName): Promise<MitigationRecord | undefined>;
  /** Every mitigation, planned and not sent. */
  planAll(): Promise<IncidentRecord['mitigations']>;
  /** Verdicts of some steps. The first to act takes a place in the hour's budget, which is whole before. */
  ask(name: MitigationName, ...steps: readonly MitigateStep['step'][]): Promise<readonly MitigateReply['verdict'][]>;
  /**
   * Puts a plan on record that the fleet, as it is, gives no reason for.
   * @param undo all that its calls are made from
   * @param state `acting`: its pre-conditions were read before
   */
  plant(name: MitigationName, undo: object, state?: 'planned' | 'acting'): Promise<void>;
  /** As if the latest reading had found memory tight: what scales the store asks again. */
  fillMemory(): Promise<void>;
  /** Gaps of what they collected. */
  collect(sources: readonly Source[]): Promise<readonly (string | undefined)[]>;
  /** As {@link collect}, of one that has to make the key of the hashes. */
  collectFirst(role: 'collect' | 'collect-store', source: Source): Promise<string | undefined>;
  /** From now on what tends incidents knows it. */
  announce(): Promise<void>;
  forget(): Promise<void>;
}

const newId = (): string => `inc-${randomBytes(6).toString('hex')}`;

function pointerOf(fleet: string, openedAtMs: number): IncidentPointer {
  const incidentId = newId();
  return { incidentId, fingerprint: `made-up/${incidentId}`, runbook: 'logged-out', fleet, openedAtMs };
}

/** An incident on which a runbook's run works, that nobody else knows of. */
export async function openMadeUp(fleet: string): Promise<MadeUp> {
  const nowMs = Date.now();
  const pointer = pointerOf(fleet, nowMs);
  const { incidentId, runbook } = pointer;
  await records.ensureIncident(pointer);
  await records.beginRun(incidentId, 1, EXECUTION, nowMs);
  const run: RunContext = {
    ...{ incidentId, runbook, fleets: [fleet], run: 1, executionArn: EXECUTION, dryRun: false },
    ...{ fromMs: nowMs - 3_600_000, toMs: nowMs, firstSignMs: nowMs - 60_000 },
  };
  const target = { incidentId, fleet, executionArn: EXECUTION };
  const decisionOf = (name: MitigationName, mode: Mode): Decision => ({ key: name, name, mode, target, reason: 'a test' });
  const mitigate = async (name: MitigationName, mode: Mode, step: MitigateStep['step']) =>
    (await askIncidents<MitigateReply>('mitigate', { step, run, decision: decisionOf(name, mode) })).verdict;
  const mitigations = async () => (await records.getIncident(incidentId))?.mitigations ?? {};
  const collect = async (role: string, source: Source) => (await askIncidents<CollectReply>(role, { step: 'collect', run, source })).gap;

  return {
    ...{ incidentId, run, decisionOf },
    mitigationOf: async (name) => (await mitigations())[name],
    async planAll() {
      for (const name of MITIGATIONS) {
        await mitigate(name, 'observe', 'plan');
      }
      return mitigations();
    },
    async ask(name, ...steps) {
      await table.delete(recordKeys.mitigationBudget());
      const verdicts: MitigateReply['verdict'][] = [];
      for (const step of steps) verdicts.push(await mitigate(name, 'auto', step));
      return verdicts;
    },
    plant: (name, undo, state = 'planned') =>
      records.putMitigation(incidentId, name, { name, target, run: 1, mode: 'auto', state, calls: [], undo }),
    fillMemory,
    collect: (sources) => Promise.all(sources.map((source) => collect('collect', source))),
    async collectFirst(role, source) {
      await table.delete(recordKeys.incidentSecret());
      return collect(role, source);
    },
    announce: async () => void (await records.putPointer(pointer, undefined)),
    forget: () => forget(pointer),
  };
}

async function fillMemory(): Promise<void> {
  const stores = dynamoStoreRecords(table);
  await until(async () => {
    const seen = await stores.getStore();
    return seen && stores.putStore({ ...seen, reading: { ...seen.reading, memoryPercent: 92, takenAtMs: Date.now() } }, seen);
  }, 'no reading of the collector came meanwhile');
}

async function forget({ fingerprint, incidentId, openedAtMs }: IncidentPointer): Promise<void> {
  await records.deletePointer(fingerprint);
  for (const key of [recordKeys.incidentStart(openedAtMs, incidentId), recordKeys.incident(incidentId)]) await table.delete(key);
}

/**
 * An incident of two minutes ago whose runbook was never started. What starts it finds another execution at work, and ends at once.
 * @returns the execution's ARN that is to come, and what forgets the incident
 */
export async function openUnstarted(fleet: string): Promise<{ readonly executionArn: string; readonly forget: () => Promise<void> }> {
  const pointer = pointerOf(fleet, Date.now() - 120_000);
  await records.ensureIncident(pointer);
  await records.change(pointer.incidentId, { running: true, executionArn: EXECUTION });
  await records.putPointer(pointer, undefined);
  const executionArn = `${RUNBOOK_ARN.replace(':stateMachine:', ':execution:')}:${pointer.incidentId}-1`;
  return { executionArn, forget: () => forget(pointer) };
}

export const destroyParts = (): void => dynamo.destroy();
