/** How a person carries out what a runbook only names. Pure. */
import type { MitigationRecord } from '../contract/incident.ts';
import { type ApiCall, DESCRIPTORS, TEMPORARY } from '../contract/mitigations.ts';
import { aws, awsCommand, optionsFor, quoted } from './commands.ts';
import type { Place, Step } from './incident-page.ts';

export interface ByHand {
  /** The mitigation's key. */
  readonly name: string;
  readonly record: MitigationRecord;
  /** The fleet that the commands name. */
  readonly fleet: string;
}

const isDryRun = (command: string): boolean => command.includes(' --dry-run ');

/** Holdfast's own commands for a mitigation. Undefined where it has none; empty where the steps of its causes have them. */
export function ownSteps({ name, record, fleet }: ByHand, place: Place): Step[] | undefined {
  const { byHand, order } = DESCRIPTORS[record.name];
  const commands = byHand?.(optionsFor(place, fleet), record.target);
  if (commands === undefined || commands.length === 0) return commands && [];
  const [first, ...others] = commands as [string, ...string[]];
  const steps: Step[] = [
    { text: `${capital(order)} (${name})${isDryRun(first) ? '. First count them, which changes nothing' : ''}:`, commands: [first] },
  ];
  return others.length === 0 ? steps : [...steps, { text: 'Then change them, if the count is what you expect:', commands: others }];
}

/**
 * Steps for the mitigations that are calls of AWS alone. The page has the command that prints them, since they
 * are long.
 * @param showAll prints the page with its calls
 * @param areFirst they come before the steps of the cause: a single short call is on the page
 */
export function callSteps(named: readonly ByHand[], showAll: string, place: Place, areFirst: boolean): Step[] {
  const all = named.flatMap((one) => {
    const calls = one.record.calls.map((call) => awsCommand(call, place));
    return calls.length === 0 || calls.includes(undefined) ? [] : [{ ...one, calls: calls as string[] }];
  });
  const [short, long] = [all.filter((one) => areFirst && isShort(one)), all.filter((one) => !areFirst || !isShort(one))];
  return [...short.map(shortStep), ...longSteps(long, showAll, place)];
}

type Called = ByHand & { readonly calls: readonly string[] };

/** A call of at most this many characters is short enough for people to paste it from a message. */
const LONGEST_CALL = 400;
/** One call, of what needs no end by hand. */
const isShort = ({ record, calls }: Called): boolean =>
  calls.length === 1 && (calls[0] ?? '').length <= LONGEST_CALL && !TEMPORARY.includes(record.name);

const shortStep = ({ name, record, calls }: Called): Step => ({
  text: `${capital(DESCRIPTORS[record.name].order)} (${name}). In the mode observe Holdfast only names it; this is its call:`,
  commands: calls,
});

function longSteps(all: readonly Called[], showAll: string, place: Place): Step[] {
  if (all.length === 0) return [];
  const orders = all.map(({ name, record }) => `${DESCRIPTORS[record.name].order} (${name})`);
  const ends = all.some(({ record }) => TEMPORARY.includes(record.name));
  return [
    {
      text: `${capital(orders.join('; '))}. In the mode observe Holdfast only names ${all.length === 1 ? 'it' : 'them'}. This prints the calls to do it${ends ? ', and to end it,' : ''} by hand:`,
      commands: [showAll],
      calls: all.flatMap(({ name, record, calls }) => [
        `# ${name}`,
        ...calls,
        ...(TEMPORARY.includes(record.name)
          ? [
              `# to end ${name}, once the store answers and the load balancer finds the servers healthy`,
              ...endCommands(record.calls, place),
            ]
          : []),
      ]),
    },
  ];
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

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
