import type { Expression } from '../../records/dynamo-calls.ts';
import { recordKeys } from '../../records/keys.ts';
import { type RecordsTable, setFields } from '../../records/records-table.ts';
import type { IncidentRecord } from '../contract/incident.ts';
import {
  type BudgetRecord,
  type ChangesLookUp,
  decideBudget,
  type IncidentChange,
  type IncidentPointer,
  type IncidentRecords,
  type RemovableField,
  withoutClaim,
} from './incident-records.ts';

const IF_NEW = { ConditionExpression: 'attribute_not_exists(pk)' };
/** A sign takes some 400 bytes: these take 20 KB of the 400 KB that a DynamoDB item can have. */
export const MOST_SIGNS = 50;
const MOST_OF_A_PAGE = 100;

export const latestOpened = (a: IncidentRecord, b: IncidentRecord): number => b.openedAtMs - a.openedAtMs;

export const newIncident = ({ incidentId, fingerprint, runbook, fleet, openedAtMs, dryRun }: IncidentPointer): IncidentRecord => ({
  incidentId,
  fingerprint,
  runbook,
  ...(fleet !== undefined && { fleet }),
  ...(dryRun && { dryRun }),
  stage: 'collecting',
  openedAtMs,
  alarms: {},
  signs: [],
  signCount: 0,
  runs: 0,
  mitigations: {},
});

export async function readLatestIncidents(
  table: Pick<RecordsTable, 'queryBackwards' | 'getEach'>,
  count: number,
): Promise<readonly IncidentRecord[]> {
  const { pk, sk } = recordKeys.incidentStarts();
  const found: IncidentRecord[] = [];
  for await (const page of table.queryBackwards<{ incidentId: string }>(pk, sk, Math.min(count, MOST_OF_A_PAGE))) {
    found.push(...(await table.getEach<IncidentRecord>(page.map(({ incidentId }) => recordKeys.incident(incidentId)))));
    if (found.length >= count) break;
  }
  return found.sort(latestOpened).slice(0, count);
}

export const ifStillPointer = (seen: IncidentPointer | undefined): Expression =>
  seen === undefined
    ? IF_NEW
    : {
        ConditionExpression: `incidentId = :seen AND ${seen.closedAtMs === undefined ? 'attribute_not_exists(closedAtMs)' : 'closedAtMs = :closed'}`,
        ExpressionAttributeValues: { ':seen': seen.incidentId, ...(seen.closedAtMs !== undefined && { ':closed': seen.closedAtMs }) },
      };

export function changeWith(
  change: IncidentChange,
  { remove = [], ifExecution }: { readonly remove?: readonly RemovableField[]; readonly ifExecution?: string } = {},
): Expression & { readonly UpdateExpression: string } {
  const isEmpty = Object.values(change).every((value) => value === undefined);
  const set = isEmpty ? { UpdateExpression: '' } : setFields(change);
  const removal = remove.length > 0 ? ` REMOVE ${remove.join(', ')}` : '';
  return {
    UpdateExpression: `${set.UpdateExpression}${removal}`.trim(),
    ConditionExpression: `attribute_exists(pk)${ifExecution === undefined ? '' : ' AND executionArn = :execution'}`,
    ...(set.ExpressionAttributeNames && { ExpressionAttributeNames: set.ExpressionAttributeNames }),
    ...((set.ExpressionAttributeValues || ifExecution !== undefined) && {
      ExpressionAttributeValues: { ...set.ExpressionAttributeValues, ...(ifExecution !== undefined && { ':execution': ifExecution }) },
    }),
  };
}

/** Two runbooks seldom act in the same moment. */
const MOST_BUDGET_ATTEMPTS = 8;

/** Incidents in the records table: every change is one conditional write, so that alarms at once and repeated steps do no harm. */
export function dynamoIncidentRecords(table: RecordsTable): IncidentRecords {
  const getIncident = (incidentId: string) => table.get<IncidentRecord>(recordKeys.incident(incidentId));
  return {
    getIncident,
    latestIncidents: (count) => readLatestIncidents(table, count),
    async findIncidents(prefix) {
      const { pk, sk } = recordKeys.incident(prefix);
      return (await table.query<IncidentRecord>(pk, sk)).sort(latestOpened);
    },
    getPointer: (fingerprint) => table.get<IncidentPointer>(recordKeys.incidentOf(fingerprint)),
    pointers() {
      const { pk, sk } = recordKeys.incidentOf('');
      return table.query<IncidentPointer>(pk, sk);
    },
    putPointer: (pointer, seen) => table.put(recordKeys.incidentOf(pointer.fingerprint), pointer, ifStillPointer(seen)),
    deletePointer: (fingerprint) => table.delete(recordKeys.incidentOf(fingerprint)),
    async ensureIncident(pointer) {
      const { incidentId, openedAtMs } = pointer;
      const known = await getIncident(incidentId);
      if (known) return known;
      // First: a start without a record is passed over, a record without a start would be in no list.
      await table.put(recordKeys.incidentStart(openedAtMs, incidentId), { incidentId });
      const incident = newIncident(pointer);
      const created = await table.put(recordKeys.incident(incidentId), incident, IF_NEW);
      return created ? incident : ((await getIncident(incidentId)) ?? incident);
    },
    async addSign(incidentId, sign, as) {
      const { from, state, atMs } = sign;
      const fires = state === 'ALARM';
      // What is known of its alarm stays when that does not fire.
      const set = fires ? 'alarms.#alarm = :alarm' : 'alarms.#alarm.#state = :state, alarms.#alarm.atMs = :at';
      const isLatest = `${fires ? 'attribute_not_exists(alarms.#alarm) OR ' : ''}alarms.#alarm.atMs < :at`;
      const change = (append: string, room: string) => ({
        UpdateExpression: `SET ${set}${append} ADD signCount :one`,
        ConditionExpression: `(${isLatest})${room}`,
        ExpressionAttributeNames: { '#alarm': from, ...(!fires && { '#state': 'state' }) },
        ExpressionAttributeValues: {
          ...(fires ? { ':alarm': { state, atMs, firedAtMs: atMs, ...as } } : { ':state': state }),
          ':at': atMs,
          ':one': 1,
        },
      });
      const key = recordKeys.incident(incidentId);
      const appending = change(', signs = list_append(signs, :sign)', ' AND size(signs) < :most');
      const values = { ...appending.ExpressionAttributeValues, ':sign': [sign], ':most': MOST_SIGNS };
      const added = await table.update<IncidentRecord>(key, { ...appending, ExpressionAttributeValues: values });
      return added ?? table.update<IncidentRecord>(key, change('', ''));
    },
    change: (incidentId, change, options) => table.update<IncidentRecord>(recordKeys.incident(incidentId), changeWith(change, options)),
    beginRun(incidentId, run, executionArn, nowMs) {
      return table.update<IncidentRecord>(recordKeys.incident(incidentId), {
        UpdateExpression: 'SET runs = :run, executionArn = :arn, running = :yes, lastRunAtMs = :now, stage = :stage REMOVE quietSinceMs',
        ConditionExpression: '(attribute_not_exists(running) AND runs < :run) OR (executionArn = :arn AND runs = :run)',
        ExpressionAttributeValues: { ':run': run, ':arn': executionArn, ':yes': true, ':now': nowMs, ':stage': 'collecting' },
      });
    },
    continueRun: (incidentId, executionArn) =>
      table.update<IncidentRecord>(recordKeys.incident(incidentId), {
        UpdateExpression: 'SET executionArn = :arn, running = :yes, stage = :stage REMOVE quietSinceMs',
        ConditionExpression: 'attribute_exists(pk) AND (attribute_not_exists(running) OR executionArn = :arn)',
        ExpressionAttributeValues: { ':arn': executionArn, ':yes': true, ':stage': 'acting' },
      }),
    async addTrouble(incidentId, sentence) {
      await table.update(recordKeys.incident(incidentId), {
        UpdateExpression: 'SET troubles = list_append(if_not_exists(troubles, :none), :one)',
        ConditionExpression:
          'attribute_exists(pk) AND (attribute_not_exists(troubles) OR (size(troubles) < :most AND NOT contains(troubles, :text)))',
        ExpressionAttributeValues: { ':none': [], ':one': [sentence], ':text': sentence, ':most': MOST_SIGNS },
      });
    },
    async putMitigation(incidentId, key, record) {
      await table.update(recordKeys.incident(incidentId), {
        UpdateExpression: 'SET mitigations.#key = :record',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeNames: { '#key': key },
        ExpressionAttributeValues: { ':record': record },
      });
    },
    async moveMitigation(incidentId, key, from, change, { ofRun, unless } = {}) {
      const set = setFields(change, ['mitigations', key]);
      const none = unless ? noneIn(unless) : { condition: '', names: {}, values: {} };
      const states = Object.fromEntries(from.map((state, index) => [`:from${index}`, state]));
      const moved = await table.update(recordKeys.incident(incidentId), {
        ...set,
        ConditionExpression: `#p0.#p1.#state IN (${Object.keys(states).join(', ')})${ofRun === undefined ? '' : ' AND #p0.#p1.#run = :run'}${none.condition}`,
        ExpressionAttributeNames: {
          ...set.ExpressionAttributeNames,
          '#state': 'state',
          ...(ofRun !== undefined && { '#run': 'run' }),
          ...none.names,
        },
        ExpressionAttributeValues: {
          ...set.ExpressionAttributeValues,
          ...states,
          ...(ofRun !== undefined && { ':run': ofRun }),
          ...none.values,
        },
      });
      return moved !== undefined;
    },
    async noteAlarm(alarmName, state, atMs) {
      const key = recordKeys.incidentAlarm(alarmName);
      const condition = { ConditionExpression: 'attribute_not_exists(pk) OR atMs < :at', ExpressionAttributeValues: { ':at': atMs } };
      if (await table.put(key, { state, atMs }, condition)) return { state, atMs };
      return (await table.get<{ state: typeof state; atMs: number }>(key)) ?? { state, atMs };
    },
    takeBudget: (claim, most, nowMs) =>
      writeBudget(table, (known) => {
        const decision = decideBudget(known, claim, most, nowMs);
        return typeof decision === 'string' ? decision === 'keeps' : decision.put;
      }),
    giveBackBudget: async (claim) => void (await writeBudget(table, (known) => withoutClaim(known, claim) ?? true)),
    beginTurn: (owner, nowMs, untilMs) => table.put(recordKeys.incidentTurn(), { owner, untilMs }, ifFree(owner, nowMs)),
    async endTurn(owner) {
      const own = {
        ConditionExpression: '#owner = :owner',
        ExpressionAttributeNames: { '#owner': 'owner' },
        ExpressionAttributeValues: { ':owner': owner },
      };
      await table.put(recordKeys.incidentTurn(), { owner, untilMs: 0 }, own);
    },
    putLookUp: (owner, nowMs, untilMs, found) => table.put(recordKeys.changesLookUp(), { owner, untilMs, found }, ifFree(owner, nowMs)),
    getLookUp: async () => (await table.get<{ found?: ChangesLookUp }>(recordKeys.changesLookUp()))?.found,
    async hashSecret(propose) {
      const key = recordKeys.incidentSecret();
      const known = await table.get<{ secret: string }>(key);
      if (known) return known.secret;
      const secret = propose();
      if (await table.put(key, { secret }, IF_NEW)) return secret;
      return (await table.get<{ secret: string }>(key))?.secret ?? secret;
    },
  };
}

/** @param next what to put, or the answer without putting anything */
async function writeBudget(table: RecordsTable, next: (known: BudgetRecord | undefined) => BudgetRecord | boolean): Promise<boolean> {
  const key = recordKeys.mitigationBudget();
  for (let attempt = 0; attempt < MOST_BUDGET_ATTEMPTS; attempt += 1) {
    const known = await table.get<BudgetRecord>(key);
    const put = next(known);
    if (typeof put === 'boolean') return put;
    const isAsSeen = { ConditionExpression: 'version = :seen', ExpressionAttributeValues: { ':seen': known?.version } };
    if (await table.put(key, put, known ? isAsSeen : IF_NEW)) return true;
  }
  return false;
}

/** Nobody has it, or the owner itself: the answer was lost, and the call was sent again. */
const ifFree = (owner: string, nowMs: number): Expression => ({
  ConditionExpression: 'attribute_not_exists(pk) OR untilMs <= :now OR #owner = :owner',
  ExpressionAttributeNames: { '#owner': 'owner' },
  ExpressionAttributeValues: { ':now': nowMs, ':owner': owner },
});

function noneIn({ others, in: states }: { readonly others: readonly string[]; readonly in: readonly string[] }) {
  const values = Object.fromEntries(states.map((state, index) => [`:other${index}`, state]));
  const one = (index: number) => ` AND NOT #p0.#other${index}.#state IN (${Object.keys(values).join(', ')})`;
  return others.length === 0
    ? { condition: '', names: {}, values: {} }
    : {
        condition: others.map((_, index) => one(index)).join(''),
        names: Object.fromEntries(others.map((other, index) => [`#other${index}`, other])),
        values,
      };
}
