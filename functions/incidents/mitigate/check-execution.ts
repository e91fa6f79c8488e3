import { stateMachineArnOf } from '../../shared/aws/executions.ts';
import { HoldfastError } from '../../shared/errors.ts';
import type { IncidentRecord } from '../contract/incident.ts';
import type { MitigateStep } from '../contract/steps.ts';

/** A step that would change something does not come from the execution that works on the incident. */
export class ForeignExecution extends HoldfastError {
  static readonly errorName = 'ForeignExecution';
  override readonly name = ForeignExecution.errorName;
}

/**
 * A mitigation is the work of one execution of the installation's own runbook: of the one that the incident has on record, since a later
 * run has taken over from any other. The lock that it takes names this execution.
 * @throws ForeignExecution
 */
export function checkExecution(incident: IncidentRecord | undefined, { run, decision }: MitigateStep, stateMachineArn: string): void {
  const { executionArn, incidentId } = run;
  const refuse = (why: string): never => {
    throw new ForeignExecution(`${decision.key} of ${incidentId} was not carried out by ${executionArn}: ${why}; nothing was changed`);
  };
  if (stateMachineArnOf(executionArn) !== stateMachineArn) refuse(`it is no execution of ${stateMachineArn}`);
  if (incident?.executionArn !== executionArn) refuse(`the incident is worked on by ${incident?.executionArn ?? 'no execution'}`);
  const { target } = decision;
  if (target.incidentId !== incidentId || (target.executionArn ?? executionArn) !== executionArn)
    refuse(`its target is of ${target.incidentId} and ${target.executionArn}`);
}
