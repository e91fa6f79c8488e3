import type { IncidentRecord, MitigationRecord } from '../../../functions/incidents/contract/incident.ts';
import { latestOpened, newIncident } from '../../../functions/incidents/records/dynamo-incident-records.ts';
import {
  type BudgetRecord,
  type ChangesLookUp,
  decideBudget,
  type IncidentPointer,
  type IncidentRecords,
  withoutClaim,
} from '../../../functions/incidents/records/incident-records.ts';

type Mutable = { -readonly [K in keyof IncidentRecord]: IncidentRecord[K] };

/** Incidents in memory: each change is made at once, as one conditional write is. */
export function memoryIncidentRecords(): IncidentRecords & { readonly incidents: Map<string, Mutable> } {
  const incidents = new Map<string, Mutable>();
  const pointers = new Map<string, IncidentPointer>();
  const alarms = new Map<string, { state: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA'; atMs: number }>();
  let budget: BudgetRecord | undefined;
  let secret: string | undefined;
  let turn = { owner: '', untilMs: 0 };
  let lookUp: { owner: string; untilMs: number; found?: ChangesLookUp } = { owner: '', untilMs: 0 };
  const copy = (id: string) => structuredClone(incidents.get(id)) as IncidentRecord | undefined;
  const isSame = (a?: IncidentPointer, b?: IncidentPointer) => a?.incidentId === b?.incidentId && a?.closedAtMs === b?.closedAtMs;
  return {
    incidents,
    getIncident: async (id) => copy(id),
    latestIncidents: async (count) => [...incidents.values()].sort(latestOpened).slice(0, count),
    findIncidents: async (prefix) => [...incidents.values()].filter(({ incidentId }) => incidentId.startsWith(prefix)).sort(latestOpened),
    getPointer: async (fingerprint) => pointers.get(fingerprint),
    pointers: async () => [...pointers.values()],
    async putPointer(pointer, seen) {
      if (!isSame(pointers.get(pointer.fingerprint), seen)) return false;
      pointers.set(pointer.fingerprint, pointer);
      return true;
    },
    deletePointer: async (fingerprint) => void pointers.delete(fingerprint),
    async ensureIncident(pointer) {
      if (!incidents.has(pointer.incidentId)) incidents.set(pointer.incidentId, { ...newIncident(pointer) });
      return copy(pointer.incidentId) as IncidentRecord;
    },
    async addSign(id, sign, as) {
      const incident = incidents.get(id);
      const { from, state, atMs } = sign;
      const known = incident?.alarms[from];
      if (!incident || (known?.atMs ?? -1) >= atMs || (known === undefined && state !== 'ALARM')) return undefined;
      const alarm = state === 'ALARM' ? { state, atMs, firedAtMs: atMs, ...as } : { ...known, state, atMs };
      incident.alarms = { ...incident.alarms, [from]: alarm };
      incident.signs = [...incident.signs, sign].slice(0, 50);
      incident.signCount += 1;
      return copy(id);
    },
    async change(id, change, { remove = [], ifExecution } = {}) {
      const incident = incidents.get(id);
      if (!incident || (ifExecution !== undefined && incident.executionArn !== ifExecution)) return undefined;
      Object.assign(incident, change);
      for (const field of remove) delete incident[field];
      return copy(id);
    },
    async beginRun(id, run, executionArn, nowMs) {
      const incident = incidents.get(id);
      const isOurs = incident?.executionArn === executionArn && incident.runs === run;
      if (!incident || (!isOurs && (incident.running || incident.runs >= run))) return undefined;
      Object.assign(incident, { runs: run, executionArn, running: true, lastRunAtMs: nowMs, stage: 'collecting' });
      delete incident.quietSinceMs;
      return copy(id);
    },
    async continueRun(id, executionArn) {
      const incident = incidents.get(id);
      if (!incident || (incident.running && incident.executionArn !== executionArn)) return undefined;
      Object.assign(incident, { executionArn, running: true, stage: 'acting' });
      delete incident.quietSinceMs;
      return copy(id);
    },
    async addTrouble(id, sentence) {
      const incident = incidents.get(id);
      if (incident) incident.troubles = [...new Set([...(incident.troubles ?? []), sentence])];
    },
    async putMitigation(id, key, record) {
      const incident = incidents.get(id);
      if (incident) incident.mitigations = { ...incident.mitigations, [key]: record };
    },
    async moveMitigation(id, key, from, change, { ofRun, unless } = {}) {
      const incident = incidents.get(id);
      const known = incident?.mitigations[key];
      if (!incident || !known || !from.includes(known.state) || known.run !== (ofRun ?? known.run)) return false;
      if (unless?.others.some((one) => unless.in.includes(incident.mitigations[one]?.state ?? 'observed'))) return false;
      incident.mitigations = { ...incident.mitigations, [key]: { ...known, ...change } as MitigationRecord };
      return true;
    },
    async noteAlarm(name, state, atMs) {
      const known = alarms.get(name);
      if (known && known.atMs >= atMs) return known;
      alarms.set(name, { state, atMs });
      return { state, atMs };
    },
    async takeBudget(claim, most, nowMs) {
      const decision = decideBudget(budget, claim, most, nowMs);
      if (typeof decision === 'string') return decision === 'keeps';
      budget = decision.put;
      return true;
    },
    async giveBackBudget(claim) {
      budget = withoutClaim(budget, claim) ?? budget;
    },
    async beginTurn(owner, nowMs, untilMs) {
      if (turn.untilMs > nowMs && turn.owner !== owner) return false;
      turn = { owner, untilMs };
      return true;
    },
    async endTurn(owner) {
      if (turn.owner === owner) turn = { owner, untilMs: 0 };
    },
    async putLookUp(owner, nowMs, untilMs, found) {
      if (lookUp.untilMs > nowMs && lookUp.owner !== owner) return false;
      lookUp = { owner, untilMs, ...(found && { found }) };
      return true;
    },
    getLookUp: async () => structuredClone(lookUp.found),
    hashSecret: async (propose) => (secret ??= propose()),
  };
}
