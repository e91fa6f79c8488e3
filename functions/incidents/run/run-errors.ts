import { HoldfastError, MissingEnvironment, TransientServiceError } from '../../shared/errors.ts';

/** What was asked for is no runbook, or no fleet. */
export class InvalidRunbook extends HoldfastError {
  override readonly name = 'InvalidRunbook';
}

/** The incident's record is gone, so that a step has nothing to work on. */
export class IncidentGone extends HoldfastError {
  override readonly name = 'IncidentGone';
  constructor(incidentId: string) {
    super(`the record of ${incidentId} does not exist any more; nothing was changed`);
  }
}

/** Error names for the state machine's Retry. */
export const RETRYABLE_INCIDENT_ERRORS = [TransientServiceError.errorName] as const;

/** Errors that repeating does not fix. */
export const INCIDENT_ERRORS = ['InvalidRunbook', 'IncidentGone', 'ForeignExecution', MissingEnvironment.errorName] as const;
