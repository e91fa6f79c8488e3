import { peopleText } from '../../records/outcome-text.ts';
import type { DeployEnd } from '../../records/records.ts';
import type { DeployRecord } from '../../records/types.ts';
import { sumOf } from '../../shared/arithmetic.ts';
import { stateMachineArnOf } from '../../shared/aws/executions.ts';
import { counted } from '../../shared/counted.ts';
import type { FinishDetail } from '../contract/finished-event.ts';
import { asPlainText, LONGEST_TEXT } from './as-plain-text.ts';

/** The detail of a deploy's finished event. */
export function describeFinish(record: DeployRecord, end: DeployEnd): FinishDetail {
  const { deployId, executionArn, fleet, from, to, restart, requestedBy, startedAtMs, expect, people } = record;
  const { status, finishedAtMs, error, rolledBack, outcome, sessionsCutOff } = end;
  const durationSeconds = Math.max(0, (finishedAtMs - startedAtMs) / 1000);
  const how = `${status}${rolledBack ? ', rolled back' : ''} after ${Math.round(durationSeconds)} s`;
  const why = error ? ` ${error.Error}: ${error.Cause}.` : '';
  const what =
    restart === undefined
      ? `Deploy of ${to} to fleet ${fleet} (previous release: ${from})`
      : `Restart of ${restart} with release ${to} in fleet ${fleet}`;
  const cut = sessionsCutOff
    ? ` ${sessionsCutOff} ${sessionsCutOff === 1 ? 'session was' : 'sessions were'} still there when the wait for them ended.`
    : '';
  const requestsCut = sumOf(Object.values(record.targets).map((target) => target.requestsCut ?? 0));
  const cutRequests = requestsCut > 0 ? ` Drains cut ${counted(requestsCut, 'request')}.` : '';
  const expected = expect === undefined ? '' : ` Started with --expect ${expect}.`;
  const looked = people && people.verdict !== 'hurt' ? ` People: ${peopleText(people)}.` : '';
  const text = `${what}: ${how}.${why}${expected}${looked}${cut}${cutRequests} ${outcome ?? ''} Requested by ${requestedBy}, deploy ${deployId}`;
  return {
    deployId,
    stateMachineArn: stateMachineArnOf(executionArn),
    executionArn,
    fleet,
    from,
    to,
    ...(restart !== undefined && { restart }),
    requestedBy,
    status,
    startedAt: new Date(startedAtMs).toISOString(),
    finishedAt: new Date(finishedAtMs).toISOString(),
    durationSeconds,
    targets: Object.fromEntries(Object.entries(record.targets).map(([instanceId, { phase }]) => [instanceId, phase])),
    ...(error && { error: { Error: error.Error, Cause: error.Cause.slice(0, LONGEST_TEXT) } }),
    ...(rolledBack !== undefined && { rolledBack }),
    ...(outcome !== undefined && { outcome: outcome.slice(0, LONGEST_TEXT) }),
    ...(sessionsCutOff !== undefined && { sessionsCutOff }),
    ...(requestsCut > 0 && { requestsCut }),
    text: asPlainText(text),
  };
}
