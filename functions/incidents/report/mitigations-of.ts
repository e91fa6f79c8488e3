import type { IncidentRecord, MitigationRecord } from '../contract/incident.ts';
import { DESCRIPTORS, type MitigationKey } from '../contract/mitigations.ts';

/** Every mitigation on record, with its key. An earlier version can have left one that no longer exists. */
export const mitigationsOf = ({ mitigations }: Pick<IncidentRecord, 'mitigations'>): (readonly [MitigationKey, MitigationRecord])[] =>
  (Object.keys(mitigations) as MitigationKey[]).flatMap((key) => {
    const record = mitigations[key];
    return record && record.name in DESCRIPTORS ? [[key, record] as const] : [];
  });
