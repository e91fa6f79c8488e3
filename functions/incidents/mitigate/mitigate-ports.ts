import type { Log } from '../../shared/log-events.ts';
import type { Mitigation, MitigationName } from '../contract/mitigations.ts';
import type { IncidentRecords } from '../records/incident-records.ts';

/** What the steps of a mitigation need. */
export interface MitigatePorts {
  readonly mitigations: Readonly<Partial<Record<MitigationName, Mitigation>>>;
  readonly records: Pick<
    IncidentRecords,
    'getIncident' | 'change' | 'addTrouble' | 'putMitigation' | 'moveMitigation' | 'takeBudget' | 'giveBackBudget'
  >;
  readonly log: Log;
  readonly now: () => number;
  readonly mitigationsPerHour: number;
  /** The state machine of the installation's runbooks. */
  readonly stateMachineArn: string;
}
