import type { DeployRecord } from '../../records/types.ts';
import { stateMachineArnOf } from '../../shared/aws/executions.ts';
import type { Message } from '../../shared/aws/signed/publish-message.ts';
import { commandOptions, holdfast, placeOf } from '../../shared/command-options.ts';
import type { WaitingDetail } from '../contract/waiting-event.ts';
import { type Waiting, waitingWords } from '../pause/pause-text.ts';
import { asPlainText } from './as-plain-text.ts';
import { asSubject } from './describe-message.ts';

/** The detail of the event that a deploy waits to be continued. */
export function describeWaiting(record: DeployRecord, waiting: Waiting): WaitingDetail {
  const { deployId, executionArn, fleet, from, to, requestedBy } = record;
  const { done, servers, sinceMs, untilMs, continueCommand, rejectCommand } = waiting;
  return {
    deployId,
    stateMachineArn: stateMachineArnOf(executionArn),
    executionArn,
    fleet,
    from,
    to,
    requestedBy,
    done,
    servers,
    waitingSince: new Date(sinceMs).toISOString(),
    waitsUntil: new Date(untilMs).toISOString(),
    continueCommand,
    rejectCommand,
    text: asPlainText(
      `Deploy of ${to} to fleet ${fleet} (previous release: ${from}) ${waitingWords(waiting)}. Requested by ${requestedBy}, deploy ${deployId}`,
    ),
  };
}

/** What people are sent about it: what the deploy waits for, until when, and the commands that decide. */
export function describeWaitingMessage(detail: WaitingDetail): Message {
  const { fleet, to, deployId, stateMachineArn, continueCommand, rejectCommand, text } = detail;
  const { region, account, installation } = placeOf(stateMachineArn, fleet);
  const options = commandOptions(stateMachineArn, fleet);
  return {
    subject: asSubject(`${installation}/${fleet} in ${region}: deploy of ${to} waits to be continued`),
    text: [
      text,
      '',
      `To continue it: ${continueCommand}`,
      `To reject it, which rolls it back: ${rejectCommand}`,
      '',
      'Until it has ended other deploys are refused, instance refreshes wait, and no policy and no scheduled action scales the fleet.',
      '',
      `Installation ${installation}, fleet ${fleet}, Region ${region}, account ${account}.`,
      `To see its steps: ${holdfast(`deploys show ${deployId} ${options}`)}`,
      '',
    ].join('\n'),
  };
}
