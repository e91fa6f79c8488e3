/** What to do now, the most urgent first: the rows of says.ts that the evidence makes a step of. Pure. */
import { holdfast } from '../../shared/command-options.ts';
import { capital } from '../../shared/texts.ts';
import { type Evidence, factsOf } from '../contract/evidence.ts';
import type { IncidentRecord, MitigationRecord } from '../contract/incident.ts';
import { DESCRIPTORS, type MitigationKey, type MitigationName, TEMPORARY } from '../contract/mitigations.ts';
import { CHANNELS_OF_STORE, type ChannelName, isChronic, isTroubled } from '../trouble/channels.ts';
import { timeOfLines } from '../trouble/sentences.ts';
import { hurtingChannels, type Trouble, troubleOf } from '../trouble/trouble.ts';
import { type Suspect, suspectsOf } from './changes-before.ts';
import { mitigationsOf } from './describe-mitigations.ts';
import type { Act, Place, Step } from './incident-page.ts';

import { newErrorOf } from './new-lines.ts';
import { plain } from './plain.ts';
import { OF_DEPLOY, SAYS } from './says.ts';
import { CHANNEL_SAYS, COMPARE, LINE_SAYS, NOTHING, OVER, PASSED, READ_STORE, type Row, type StepRow } from './says-of-channels.ts';
import { SHOWN_STEPS } from './screen.ts';
import { aws, type FactName, mostWorks, namesCommand, optionsFor, type StepFacts, stepFacts } from './step-facts.ts';

/** A dry run is closed as soon as it is written: for that long its steps are worth taking. */
const DRY_RUN_LASTS_MS = 3_600_000;
const ACT_OF: Readonly<Record<MitigationName, Act>> = {
  'restore-stickiness': 'restore-stickiness',
  'stop-deploy': 'stop-deploy',
  'promote-replica': 'promote',
  're-login-page': 're-login-page',
  'sweep-now': 'sweep',
};

const EXPLAINED = 'The session store has failed, and that explains this incident. Read that one first.';

interface Printing {
  readonly place: Place;
  readonly fleet: string;
  readonly options: string;
  readonly facts: StepFacts;
  readonly suspects: readonly Suspect[];
}

export function nextSteps(incident: IncidentRecord, evidence: Evidence | undefined, place: Place, nowMs: number): readonly Step[] {
  const fleet = incident.fleet ?? place.fleets[0] ?? '';
  const options = optionsFor(place, fleet);
  const { incidentId, finding, runbook, closedAtMs, dryRun, explainedBy } = incident;
  const suspects = suspectsOf(evidence, finding?.verdict === 'cause' ? finding.sinceMs : undefined);
  const known = stepFacts(incident, evidence, place);
  const facts: StepFacts = { ...known, ...(suspects.length > 0 && { change: 'yes' }) };
  const printing: Printing = { place, fleet, options, facts, suspects };
  const again = (words: string) => holdfast(`incidents run ${words} ${incident.fleet === undefined ? withoutFleet(options) : options}`);
  const mitigations = mitigationsOf(incident);
  const isCurrent = closedAtMs === undefined || (dryRun === true && nowMs - closedAtMs < DRY_RUN_LASTS_MS);
  // What bridges an outage is of no use once that is over.
  const isBridged = ({ name }: MitigationRecord) =>
    TEMPORARY.includes(name) && facts.over !== undefined && facts.storeAnswers !== undefined;
  // A step that the page advises against is not offered as well.
  const isAgainst = ({ name }: MitigationRecord) => name === 'stop-deploy' && facts.letEnd !== undefined;
  const isOffered = (record: MitigationRecord) => record.state === 'observed' && !isBridged(record) && !isAgainst(record);
  const offered = isCurrent ? mitigations.filter(([, record]) => isOffered(record)) : [];
  const works = mostWorks(evidence);
  const toDo = dryRun ? [] : offered.map((one) => ({ name: one[1].name, step: toAsk(one, incidentId, printing, works) }));
  // A page takes from users what works: where most does, what shows the reason comes first.
  const isFirst = ({ name }: (typeof toDo)[number]) => !DESCRIPTORS[name].isStep && !(works && name === 're-login-page');
  const rows = rowsOf(incident, evidence, facts);
  const at = rows.indexOf('mitigations');
  const before = printed(rows.slice(0, Math.max(0, at)), printing);
  const after = printed(rows.slice(at + 1), printing);
  const first = at < 0 ? [] : toDo.filter(isFirst);
  const leftBehind = mitigations.filter(([, { state }]) => state === 'leftBehind');
  const done = isCurrent ? mitigations.filter(([, { state, name }]) => state === 'done' && DESCRIPTORS[name].undoable) : [];
  const steps = withoutRepeats([
    ...(explainedBy === undefined || closedAtMs !== undefined
      ? []
      : [made('see-store', EXPLAINED, holdfast(`incidents show ${explainedBy} ${options}`))]),
    ...leftBehind.map(([name, { detail = 'see the report' }]) => {
      const left = plain(detail).replace(/[.:]$/, '');
      const calls = holdfast(`incidents show ${incidentId} --verbose ${options}`);
      return made('undo-change', `Restore by hand what ${name} left behind: ${left}. Its calls are here.`, calls);
    }),
    ...(dryRun && offered.length > 0
      ? [made('see-status', 'To have any of it carried out, run the runbook without --dry-run.', again(runbook))]
      : []),
    ...[...before, ...first.map(({ step }) => step), ...after],
    ...toDo.filter((one) => !first.includes(one)).map(({ step }) => step),
    ...done.map((one) => made('see-status', `To undo ${one[0]} before Holdfast does, if ever.`, asking('end', one, incidentId, printing))),
  ]);
  const shown = withOffered(steps, toDo[0]?.step);
  return place.fleets.length > 0 ? shown : shown.flatMap(withoutFleets);
}

const made = (act: Act, text: string, ...commands: readonly string[]): Step => ({ act, text, commands });

type Offered = readonly [MitigationKey, MitigationRecord];

const asking = (what: 'do' | 'end', [key, { target }]: Offered, incidentId: string, { place, fleet }: Printing): string =>
  holdfast(`incidents ${what} ${incidentId} ${key} ${optionsFor(place, target.fleet ?? fleet)}`);

function toAsk(one: Offered, incidentId: string, printing: Printing, works: boolean): Step {
  const [key, { name }] = one;
  // What users are to know of a page that hides the larger part of what they ask for.
  const order = works
    ? DESCRIPTORS[name].order.replace('what works for them now', 'most of what they ask for, which works')
    : DESCRIPTORS[name].order;
  const text = `${capital(order)} (${key}). Its pre-conditions are read again first.`;
  return made(ACT_OF[name], text, asking('do', one, incidentId, printing));
}

/** The first one that a person can have carried out is on the screen. */
function withOffered(steps: readonly Step[], offered: Step | undefined): readonly Step[] {
  if (offered === undefined || steps.indexOf(offered) < SHOWN_STEPS) return steps;
  const others = steps.filter((one) => one !== offered);
  return [...others.slice(0, SHOWN_STEPS - 1), offered, ...others.slice(SHOWN_STEPS - 1)];
}

/** Steps of rows whose facts are known. */
function printed(rows: readonly Row[], printing: Printing): readonly Step[] {
  const { facts, suspects, place } = printing;
  const isKnown = (name: FactName) => facts[name] !== undefined;
  return rows.flatMap((row): readonly Step[] => {
    if (row === 'mitigations' || !(row.when ?? []).every(isKnown) || (row.unless ?? []).some(isKnown)) return [];
    if ('undo' in row) {
      const found = suspects.find(({ kind }) => row.undo.includes(kind));
      return found === undefined
        ? []
        : [made('undo-change', found.undo, ...found.eventIds.slice(0, 1).flatMap((id) => aws(EVENT.replace('ID', id), place) ?? []))];
    }
    const text = filled(row.text, facts);
    const commands = row.commands.map((words) => commandOf(words, printing));
    return text === undefined || commands.some((command) => command === undefined)
      ? []
      : [made(row.act, text, ...commands.flatMap((command) => command ?? []).filter((command) => command !== ''))];
  });
}

const EVENT =
  "cloudtrail lookup-events --lookup-attributes AttributeKey=EventId,AttributeValue=ID --query 'Events[0].CloudTrailEvent' --output text";

/** Undefined where a fact that it names is not known. */
function filled(words: string, facts: StepFacts): string | undefined {
  const text = words.replaceAll(/\{([a-z_]+)\}/gi, (whole, name: FactName) => facts[name] ?? whole);
  return /\{[a-z_]+\}/i.test(text) ? undefined : text;
}

/** Names of resources that the evidence does not have are printed by a command; a local cloud can have no command of the AWS CLI: then it is empty. */
function commandOf(words: string, { facts, options, place, fleet }: Printing): string | undefined {
  const command = filled(words, facts);
  if (!words.startsWith('aws ')) return command === undefined || words.startsWith('{') ? command : holdfast(`${command} ${options}`);
  const [, call = ''] = /^aws (.*)$/.exec(command ?? words) ?? [];
  const printable = aws(call, place);
  if (printable === undefined) return '';
  return command === undefined ? namesCommand(place, fleet) : printable;
}

/** Rows of the cause, of what hurts most where none is known, or of no trouble. */
function rowsOf(incident: IncidentRecord, evidence: Evidence | undefined, facts: StepFacts): readonly Row[] {
  const { finding, closedAtMs, runbook } = incident;
  if (finding?.verdict === 'nothing') return NOTHING;
  if (finding?.verdict !== 'cause')
    return finding === undefined && closedAtMs !== undefined ? [] : ['mitigations', ...unknownRows(evidence, runbook, facts)];
  const { steps } = SAYS[finding.cause];
  return finding.cause === 'store-connection-failures' ? withLine(evidence, steps) : steps;
}

/** The step that the page's first new line asks for by itself, where it is an error. */
export function rowOfLine(evidence: Evidence | undefined): StepRow | undefined {
  const error = newErrorOf(evidence);
  return LINE_SAYS.find(([words]) => words.some((word) => error?.includes(word)))?.[1];
}

/** What the page's own first line says comes before what follows from the kind of the trouble, and after a change that can have begun it. */
function withLine(evidence: Evidence | undefined, rows: readonly Row[]): readonly Row[] {
  const row = rowOfLine(evidence);
  return row === undefined ? rows : [{ ...row, unless: [...(row.unless ?? []), 'change'] }, ...rows, row];
}

/** The steps of what hurts most come first, then those of the next channel. */
const MOST_CHANNELS = 2;
/** A change is the likeliest cause of all, and a person sees at once whether the trouble is of the same minute. */
function unknownRows(evidence: Evidence | undefined, runbook: IncidentRecord['runbook'], facts: StepFacts): readonly Row[] {
  const trouble = evidence && troubleOf(evidence);
  const hurting = trouble === undefined ? [] : hurtingChannels(trouble).map(({ name }) => name);
  const isPast = (name: ChannelName) => evidence !== undefined && timeOfLines(name, evidence)?.untilMs !== undefined;
  const isNew = (name: ChannelName) => trouble?.kind !== 'acute' || !isChronic(trouble.channels[name]);
  const troubled = trouble === undefined ? [] : CHANNELS_OF_STORE.filter((name) => isTroubled(trouble.channels[name]) && isNew(name));
  // What the collector alone meets is nobody's trouble.
  const isCollectors = hurting.length > 0 && facts.allReach !== undefined && trouble !== undefined && isTroubled(trouble.channels.nodes);
  const ofStore = troubled.filter((name) => !isPast(name) && !(name === 'nodes' && isCollectors));
  const isMissed = facts.missed !== undefined;
  const isFree = facts.free !== undefined;
  const isEngines = isMissed || (runbook === 'store-failure' && !isFree && !isCollectors);
  const ofAlarm: readonly ChannelName[] = isEngines ? ['nodes'] : runbook === 'session-explosion' ? ['memory'] : [];
  // What the store shows is nearer to why than what users see of it.
  const inOrder = [...ofStore, ...ofAlarm, ...hurting];
  // Lines that are over come after what goes on.
  const names = [...inOrder, ...troubled.filter(isPast)].slice(0, MOST_CHANNELS);
  // Where it is over, the previous release ends nothing, and can log everybody out again; what goes on after a failover is another trouble.
  const goesOn = trouble !== undefined && trouble.untilMs === undefined;
  return [
    ...(goesOn ? [] : [PASSED]),
    ...(trouble?.untilMs === undefined || facts.past !== undefined ? [] : [OVER]),
    ...(facts.abort === undefined ? [] : OF_DEPLOY),
    ...(facts.abort === undefined && goesOn && evidence && isNearDeploy(trouble, evidence) ? SAYS['unreadable-sessions'].steps : []),
    ...withLine(
      evidence,
      names.flatMap((name) => CHANNEL_SAYS[name]),
    ),
    ...[COMPARE, READ_STORE],
  ];
}

/** A deploy that ended so shortly before can have begun it; one that began later did not. */
const AFTER_DEPLOY_MS = 5 * 60_000;
/** Onsets are whole minutes. */
const MINUTE_MS = 60_000;

function isNearDeploy({ onset }: Trouble, evidence: Evidence): boolean {
  const last = factsOf(evidence, 'deploys')?.deploys.find(
    ({ status, restart, from, to }) => status === 'SUCCEEDED' && restart === undefined && from !== 'none' && from !== to,
  );
  if (last === undefined || typeof onset !== 'number') return false;
  return onset >= last.startedAtMs - MINUTE_MS && onset <= (last.finishedAtMs ?? last.startedAtMs) + AFTER_DEPLOY_MS;
}

/** A command once, at the first step that has it. */
function withoutRepeats(steps: readonly Step[]): readonly Step[] {
  const seen = new Set<string>();
  return steps.flatMap(({ commands, ...rest }) => {
    const left = (commands.length > 0 ? commands : [rest.text]).filter((command) => !seen.has(command));
    for (const command of left) seen.add(command);
    return left.length === 0 ? [] : [{ ...rest, commands: commands.length > 0 ? left : commands }];
  });
}

/** An incident of the store concerns every fleet. */
const withoutFleet = (options: string): string => options.replace(/^--fleet \S+ ?/, '');

const OF_FLEET = new RegExp(`^${holdfast('')} (deploys?|restart|rollback|releases|logs) `);

/** The step where no fleet is: none that has only commands about one. */
function withoutFleets({ commands, ...rest }: Step): Step[] {
  const left = commands.filter((command) => !OF_FLEET.test(`${command} `)).map((command) => command.trimEnd());
  return commands.length > 0 && left.length === 0 ? [] : [{ ...rest, commands: left }];
}
