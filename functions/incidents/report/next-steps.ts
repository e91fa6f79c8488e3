/** What to do now, the most urgent first. Pure. */
import type { Evidence } from '../contract/evidence.ts';
import type { IncidentRecord, MitigationRecord } from '../contract/incident.ts';
import { CAUSE_STEPS, type StepContext } from './cause-steps.ts';
import { awsCommand, doctorCommand, optionsFor } from './commands.ts';
import type { Place, Step } from './incident-page.ts';
import { mitigationsOf } from './mitigations-of.ts';
import { plain } from './plain.ts';

export function nextSteps(incident: IncidentRecord, evidence: Evidence | undefined, place: Place): Step[] {
  const fleet = incident.fleet ?? place.fleets[0] ?? 'web';
  const context = contextOf(evidence, place, fleet);
  const options = optionsFor(place, fleet);
  const { incidentId, mitigations, finding, runbook, closedAtMs, dryRun } = incident;
  const all = mitigationsOf({ mitigations });
  const inState = (state: MitigationRecord['state']) => all.filter(([, record]) => record.state === state);
  return [
    ...inState('leftBehind').map(([name, { detail = 'see the report' }]) =>
      step(`Restore by hand what ${name} left behind: ${plain(detail)}`),
    ),
    ...inState('waitingForApproval').map(([name]) =>
      step(
        `Decide about ${name}; without an answer in time it is not carried out:`,
        `npx holdfast incidents approve ${incidentId} ${name} ${options}`,
        `npx holdfast incidents deny ${incidentId} ${name} ${options}`,
      ),
    ),
    ...(closedAtMs === undefined && !dryRun ? inState('observed').flatMap(([name, record]) => byHand(name, record, place)) : []),
    ...(finding?.verdict === 'cause' ? CAUSE_STEPS[finding.cause](options, context) : []),
    ...(finding?.verdict === 'unknown' || (finding === undefined && closedAtMs === undefined) ? unknownSteps(options, context) : []),
    ...(closedAtMs === undefined
      ? [
          step(
            'When something has changed, run the runbook again, changing nothing:',
            runAgain(runbook, incident.fleet === undefined ? withoutFleet(options) : options),
          ),
        ]
      : []),
    ...readMore(incident, place),
  ];
}

const runAgain = (runbook: string, options: string): string => `npx holdfast incidents run ${runbook} --dry-run ${options}`.trim();
/** An incident of the store concerns every fleet. */
const withoutFleet = (options: string): string => options.replace(/^--fleet \S+ ?/, '');

const step = (text: string, ...commands: string[]): Step => ({ text, commands });

function contextOf(evidence: Evidence | undefined, place: Place, fleet: string): StepContext {
  const collected = evidence?.sources.deploys;
  const deploys = collected && !('gap' in collected) ? collected.facts.deploys : [];
  const from = deploys.find(({ status }) => status === 'SUCCEEDED')?.from;
  return {
    local: place.local,
    doctor: doctorCommand(place, fleet),
    runningDeploy: deploys.find(({ status }) => status === 'RUNNING')?.deployId,
    previousRelease: from === 'none' ? undefined : from,
  };
}

/** The calls of a mitigation that the runbook only names. */
function byHand(name: string, { calls }: MitigationRecord, place: Place): Step[] {
  const commands = calls.map((call) => awsCommand(call, place));
  if (commands.length === 0 || commands.includes(undefined)) return [];
  return [step(`To carry out ${name} by hand:`, ...(commands as string[]))];
}

const unknownSteps = (options: string, { doctor }: StepContext): Step[] => [
  step('Compare the load balancer, the servers and the store with the configuration:', doctor),
  step('See the servers and the latest deploys:', `npx holdfast status ${options}`, `npx holdfast deploys ${options}`),
  step('Read the store, as the collector last saw it:', `npx holdfast store ${options}`),
];

/** Headings of the runbook: one per alarm, and the table of causes. */
function readMore({ signs, finding, fleet }: IncidentRecord, { installation, fleets }: Place): Step[] {
  const prefixes = [...(fleet ? [fleet] : fleets), 'store'].map((part) => `${installation}-${part}-`);
  const headings = signs.flatMap(({ from }) =>
    prefixes.filter((prefix) => from.startsWith(prefix)).map((prefix) => from.slice(prefix.length)),
  );
  const pages = [...new Set(headings)]
    .filter((heading) => /^[a-z0-9-]+$/.test(heading))
    .map((heading) => `docs/operator-runbook.md#${heading}`);
  const cause = finding?.verdict === 'cause' ? [`docs/incidents.md#${finding.cause}`] : [];
  return [...cause, ...pages].length === 0 ? [] : [step(`Read more: ${[...cause, ...pages].join(', ')}`)];
}
