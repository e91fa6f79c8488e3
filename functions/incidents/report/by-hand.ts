/** How a person carries out what a runbook only names. Pure. */
import { capital } from '../../shared/capital.ts';
import type { MitigationRecord } from '../contract/incident.ts';
import type { AwsCli } from '../contract/mitigation-descriptor.ts';
import { DESCRIPTORS } from '../contract/mitigations.ts';
import { aws, awsCommand, optionsFor, quoted } from './commands.ts';
import type { Place, Step } from './incident-page.ts';

export interface ByHand {
  /** The mitigation's key. */
  readonly name: string;
  readonly record: MitigationRecord;
  /** The fleet that the commands name. */
  readonly fleet: string;
  /** Less than half of what users ask for fails. */
  readonly mostWorks?: boolean;
}

/** What a page does where most works. */
export const HIDES = 'would also hide the larger part of what users ask for, which works';

/** As the end of a sentence. */
function orderOf({ record, mostWorks }: ByHand): string {
  const { order } = DESCRIPTORS[record.name];
  return mostWorks ? order.replace('also in place of what works for them now', `which ${HIDES}`) : order;
}

const isDryRun = (command: string): boolean => command.includes(' --dry-run ');

/** Holdfast's own commands for a mitigation. Undefined where it has none; empty where the steps of its causes have them. */
export function ownSteps({ name, record, fleet }: ByHand, place: Place): Step[] | undefined {
  const { byHand, order } = DESCRIPTORS[record.name];
  const commands = byHand?.(optionsFor(place, fleet), record.target);
  if (commands === undefined || commands.length === 0) return commands && [];
  const [first, ...others] = commands as [string, ...string[]];
  const steps: Step[] = [
    {
      text: `${capital(order.replace('the server that the finding names', record.target.instanceId ?? 'the server that the finding names'))} (${name}).${isDryRun(first) ? ' First count them, which changes nothing.' : ''}`,
      commands: [first],
    },
  ];
  return others.length === 0 ? steps : [...steps, { text: 'Then change them, if the count is what you expect.', commands: others }];
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
/** A mitigation that a person has to end by hand is never short: its end is printed with its calls. */
const isShort = ({ record, calls }: Called): boolean =>
  calls.length === 1 && (calls[0] ?? '').length <= LONGEST_CALL && DESCRIPTORS[record.name].temporary === undefined;

const shortStep = ({ calls, ...one }: Called): Step => ({
  text: `${capital(orderOf(one))} (${one.name}). In the mode observe Holdfast only names it; this is its call.`,
  commands: calls,
});

function longSteps(all: readonly Called[], showAll: string, place: Place): Step[] {
  if (all.length === 0) return [];
  const orders = all.map((one) => `${orderOf(one)} (${one.name})`);
  const ends = all.some(({ record }) => DESCRIPTORS[record.name].temporary !== undefined);
  return [
    {
      text: `${capital(orders.join('; '))}. In the mode observe Holdfast only names ${all.length === 1 ? 'it' : 'them'}. This prints the calls to do it${ends ? ', and to end it,' : ''} by hand.`,
      commands: [showAll],
      calls: all.flatMap((one) => [`# ${one.name}`, ...one.calls, ...endSteps(one, place)]),
    },
  ];
}

/** How a mitigation that bridges an outage is ended by hand: when, as a comment of the shell, then the commands. */
function endSteps({ name, record }: ByHand, place: Place): string[] {
  const { temporary } = DESCRIPTORS[record.name];
  if (temporary === undefined) return [];
  const cli: AwsCli = { call: (call) => awsCommand(call, place), command: (words) => aws(words, place), quoted };
  return [`# to end ${name}, once ${temporary.byHandOnce}`, ...record.calls.flatMap((call) => temporary.endByHand(call, cli) ?? [])];
}
