import type { IncidentRecord, MitigationRecord } from '../contract/incident.ts';
import type { MitigationKey } from '../contract/mitigations.ts';

/** Every mitigation on record, with its key. */
export const mitigationsOf = ({ mitigations }: Pick<IncidentRecord, 'mitigations'>): (readonly [MitigationKey, MitigationRecord])[] =>
  (Object.keys(mitigations) as MitigationKey[]).flatMap((key) => (mitigations[key] ? [[key, mitigations[key]] as const] : []));
