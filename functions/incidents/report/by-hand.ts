/** How a person carries out what a runbook only names. Pure. */
import type { MitigationRecord } from '../contract/incident.ts';
import { type ApiCall, type MitigationName, TEMPORARY } from '../contract/mitigations.ts';
import { aws, awsCommand, optionsFor, quoted } from './commands.ts';
import type { Place, Step } from './incident-page.ts';

type Commands = (record: MitigationRecord, options: string) => readonly string[];

const lives =
  (change: string): Commands =>
  (_record, options) => [`npx holdfast sweep --lives ${change} --dry-run ${options}`, `npx holdfast sweep --lives ${change} ${options}`];

/** Holdfast's own commands, which check more than the calls alone, and follow what they start. */
const OWN: Readonly<Partial<Record<MitigationName, Commands>>> = {
  'raise-ttl': lives('raise'),
  'shorten-anonymous': lives('shorten-anonymous'),
  'restart-target': ({ target: { instanceId } }, options) =>
    instanceId === undefined ? [] : [`npx holdfast restart ${instanceId} ${options}`],
  // The steps of their causes have these commands.
  'sweep-now': () => [],
  'stop-deploy': () => [],
};

/** @param name the mitigation's key @param fleet of the commands */
export function byHand(name: string, record: MitigationRecord, place: Place, fleet: string): Step[] {
  const own: readonly (string | undefined)[] | undefined = OWN[record.name]?.(record, optionsFor(place, fleet));
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
