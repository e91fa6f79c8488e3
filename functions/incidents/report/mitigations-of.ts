import type { IncidentRecord, MitigationRecord } from '../contract/incident.ts';

/** Every mitigation on record, with its key. */
export const mitigationsOf = ({ mitigations }: Pick<IncidentRecord, 'mitigations'>): (readonly [string, MitigationRecord])[] =>
  Object.entries(mitigations).flatMap(([key, record]) => (record ? [[key, record] as const] : []));
