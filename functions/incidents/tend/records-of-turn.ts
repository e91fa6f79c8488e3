import type { IncidentRecord } from '../contract/incident.ts';
import type { IncidentRecords } from '../records/incident-records.ts';

export interface RecordsOfTurn extends IncidentRecords {
  /** The incident was, or can have been, changed by somebody else: it is read again. */
  forget(incidentId: string): void;
}

/** The records of one turn, which reads each incident once, and again where the turn itself has changed it. */
export function recordsOfTurn(records: IncidentRecords): RecordsOfTurn {
  const known = new Map<string, Promise<IncidentRecord | undefined>>();
  const forget = (incidentId: string) => void known.delete(incidentId);
  const remember = <T extends IncidentRecord | undefined>(incidentId: string, reading: Promise<T>): Promise<T> => {
    known.set(incidentId, reading);
    // What could not be read is tried again.
    reading.then((incident) => incident ?? forget(incidentId)).catch(() => forget(incidentId));
    return reading;
  };
  const forgetting = async <T>(incidentId: string, change: Promise<T>): Promise<T> => {
    try {
      return await change;
    } finally {
      forget(incidentId);
    }
  };
  return {
    ...records,
    forget,
    getIncident: (incidentId) => known.get(incidentId) ?? remember(incidentId, records.getIncident(incidentId)),
    ensureIncident: async (pointer) =>
      (await known.get(pointer.incidentId)) ?? remember(pointer.incidentId, records.ensureIncident(pointer)),
    change: (incidentId, ...change) => remember(incidentId, records.change(incidentId, ...change)),
    addSign: (incidentId, ...sign) => remember(incidentId, records.addSign(incidentId, ...sign)),
    addTrouble: (incidentId, sentence) => forgetting(incidentId, records.addTrouble(incidentId, sentence)),
    moveMitigation: (incidentId, ...move) => forgetting(incidentId, records.moveMitigation(incidentId, ...move)),
  };
}
