/** How a person carries out what a runbook only names. Pure. */
import type { MitigationRecord } from '../contract/incident.ts';
import { type ApiCall, DESCRIPTORS, TEMPORARY } from '../contract/mitigations.ts';
import { aws, awsCommand, optionsFor, quoted } from './commands.ts';
import type { Place, Step } from './incident-page.ts';

/** @param name the mitigation's key @param fleet of the commands */
export function byHand(name: string, record: MitigationRecord, place: Place, fleet: string): Step[] {
  const own: readonly (string | undefined)[] | undefined = DESCRIPTORS[record.name].byHand?.(optionsFor(place, fleet), record.target);
  const commands = own ?? record.calls.map((call) => awsCommand(call, place));
  if (commands.length === 0 || commands.includes(undefined)) return [];
  const isTemporary = TEMPORARY.includes(record.name);
  return [
    step(`To carry out ${name} by hand${isTemporary ? ', if you also end it by hand (next step)' : ''}:`, commands as string[]),
    ...(isTemporary ? [step(`${ENDS} End ${name} with:`, endCommands(record.calls, place))] : []),
  ];
}

const ENDS = 'Once the store answers, and the load balancer finds the servers healthy: Holdfast ends only what it has carried out itself.';

const step = (text: string, commands: readonly string[]): Step => ({ text, commands });

/** What ends the calls of a mitigation that bridges an outage. */
const endCommands = (calls: readonly ApiCall[], place: Place): string[] =>
  calls.flatMap((call) => {
    const { service, operation, input } = call;
    if (operation === 'SuspendProcesses') return awsCommand({ service, operation: 'ResumeProcesses', input }, place) ?? [];
    return operation === 'CreateRule' ? (deleteRule(input, place) ?? []) : [];
  });

/** A rule's ARN is not known before it exists. Only a page is deleted: the priority may be another rule's by then. */
function deleteRule({ ListenerArn, Priority }: ApiCall['input'], place: Place): string | undefined {
  const query = `"Rules[?Priority=='${Number(Priority)}' && Actions[0].Type=='fixed-response'].RuleArn"`;
  const find = aws(`elbv2 describe-rules --listener-arn ${quoted(String(ListenerArn))} --query ${query} --output text`, place);
  return find && aws(`elbv2 delete-rule --rule-arn "$(${find})"`, place);
}
