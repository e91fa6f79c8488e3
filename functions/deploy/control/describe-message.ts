import type { Message } from '../../shared/aws/signed/publish-message.ts';
import { commandOptions, holdfast, placeOf } from '../../shared/command-options.ts';
import type { FinishDetail } from '../contract/finished-event.ts';

/** SNS accepts no longer subject, and printable ASCII only. */
const LONGEST_SUBJECT = 100;
export const asSubject = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, LONGEST_SUBJECT);

/** What people are sent about the end of a deploy: what happened, where, and the command that shows more. */
export function describeMessage(detail: FinishDetail): Message {
  const { fleet, to, restart, status, rolledBack, deployId, stateMachineArn, text } = detail;
  const { region, account, installation } = placeOf(stateMachineArn, fleet);
  const options = commandOptions(stateMachineArn, fleet);
  const subject = `${installation}/${fleet} in ${region}: ${restart === undefined ? `deploy of ${to}` : `restart of ${restart}`} ${status}${rolledBack ? ', rolled back' : ''}`;
  return {
    subject: asSubject(subject),
    text: [
      text,
      '',
      `Installation ${installation}, fleet ${fleet}, Region ${region}, account ${account}.`,
      `To see its steps: ${holdfast(`deploys show ${deployId} ${options}`)}`,
      ...(status === 'SUCCEEDED' ? [] : [`Each command about this fleet takes ${options}.`]),
      '',
    ].join('\n'),
  };
}
