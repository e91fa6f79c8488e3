/** What to do now, the most urgent first. Pure. */
import { madeBy } from '../classify/facts/new-sessions.ts';
import { primaryStartedAnew, storeAnswers, strainOf } from '../classify/facts/store-nodes.ts';
import { cutOffServers, overdueMinutes } from '../classify/facts/store-reach.ts';
import { type Evidence, factsOf } from '../contract/evidence.ts';
import type { IncidentRecord, MitigationRecord } from '../contract/incident.ts';
import { type ByHand, callSteps, ownSteps } from './by-hand.ts';
import { CALLS_FIRST, CAUSE_STEPS } from './cause-steps.ts';
import { doctorCommand, optionsFor } from './commands.ts';
import type { Place, Step } from './incident-page.ts';
import { mitigationsOf } from './mitigations-of.ts';
import { plain } from './plain.ts';
import { type StepContext, step } from './step-context.ts';

/** A dry run is closed as soon as it is written: for that long its steps are worth taking. */
const DRY_RUN_LASTS_MS = 3_600_000;

export function nextSteps(incident: IncidentRecord, evidence: Evidence | undefined, place: Place, nowMs: number): Step[] {
  const fleet = incident.fleet ?? place.fleets[0] ?? 'web';
  const context = contextOf(evidence, place, fleet);
  const options = optionsFor(place, fleet);
  const { incidentId, mitigations, finding, runbook, closedAtMs, dryRun, explainedBy } = incident;
  const all = mitigationsOf({ mitigations });
  const inState = (state: MitigationRecord['state']) => all.filter(([, record]) => record.state === state);
  const isCurrent = closedAtMs === undefined || (dryRun === true && nowMs - closedAtMs < DRY_RUN_LASTS_MS);
  const named = isCurrent ? inState('observed') : [];
  const incidentOptions = incident.fleet === undefined ? withoutFleet(options) : options;
  const byHand = named
    .filter(([, { mode }]) => mode === 'observe' || !dryRun)
    .map(([name, record]): ByHand => ({ name, record, fleet: record.target.fleet ?? fleet }));
  const cause = finding?.verdict === 'cause' ? finding.cause : undefined;
  const isUnknown = finding?.verdict === 'unknown' || (finding === undefined && closedAtMs === undefined);
  const callsFirst = cause === undefined || CALLS_FIRST.includes(cause);
  const calls = callSteps(
    byHand.filter((one) => ownSteps(one, place) === undefined),
    `npx holdfast incidents show ${incidentId} --all ${options}`,
    place,
    callsFirst,
  );
  return [
    ...(explainedBy === undefined || closedAtMs !== undefined
      ? []
      : [
          step(
            `The session store has failed, and that explains this incident: incident ${explainedBy} says what to do about it, and this one decides nothing. Read it first:`,
            `npx holdfast incidents show ${explainedBy} ${options}`,
          ),
        ]),
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
    ...(dryRun && named.some(([, { mode }]) => mode !== 'observe')
      ? [step('To have the runbook do what the configuration allows it:', run(runbook, incidentOptions))]
      : []),
    ...(callsFirst ? calls : []),
    ...byHand.flatMap((one) => ownSteps(one, place) ?? []),
    ...(cause ? CAUSE_STEPS[cause](options, context) : []),
    ...(callsFirst ? [] : calls),
    ...(finding?.verdict === 'nothing' ? nothingSteps(context) : []),
    ...(isUnknown ? unknownSteps(options, context, run(`${runbook} --dry-run`, incidentOptions)) : []),
  ];
}

const run = (runbook: string, options: string): string => `npx holdfast incidents run ${runbook} ${options}`.trim();
/** An incident of the store concerns every fleet. */
const withoutFleet = (options: string): string => options.replace(/^--fleet \S+ ?/, '');

function contextOf(evidence: Evidence | undefined, place: Place, fleet: string): StepContext {
  const collected = evidence?.sources.deploys;
  const deploys = collected && !('gap' in collected) ? collected.facts.deploys : [];
  const running = deploys.find(({ status }) => status === 'RUNNING');
  const last = deploys.find(
    ({ status, restart, from, to }) => status === 'SUCCEEDED' && restart === undefined && from !== 'none' && from !== to,
  );
  // An incident of the store concerns every fleet: the deploy can be another one's.
  const optionsOf = (deploy: { readonly fleet?: string | undefined }) => optionsFor(place, deploy.fleet ?? fleet);
  return {
    local: place.local,
    doctor: doctorCommand(place, fleet),
    runningDeploy: running && { deployId: running.deployId, servers: serversOf(running), options: optionsOf(running) },
    refusedServers: refusedServers(evidence),
    storeAnswers: evidence !== undefined && storeAnswers(evidence).truth === true,
    overdueMinutes: evidence && overdueMinutes(evidence),
    cutOff: {
      servers: evidence === undefined ? [] : cutOffServers(evidence),
      of: (evidence && factsOf(evidence, 'servers')?.servers.length) ?? 0,
    },
    madeBy: evidence === undefined ? 'machines' : madeBy(evidence),
    startedAnew: evidence && primaryStartedAnew(evidence)?.name,
    isBusy: evidence !== undefined && strainOf(evidence, factsOf(evidence, 'store')?.nodes ?? [])?.hides === false,
    lastDeploy: last && {
      ...{ deployId: last.deployId, servers: serversOf(last), from: last.from, to: last.to },
      ...{ endedAtMs: last.finishedAtMs ?? last.startedAtMs, options: optionsOf(last) },
    },
  };
}

/** `i-0a1 done, i-0b2 draining` */
const serversOf = ({ phases = {} }: { readonly phases?: Readonly<Record<string, string>> }): string =>
  plain(
    Object.entries(phases)
      .map(([instanceId, phase]) => `${instanceId} ${phase}`)
      .join(', '),
  );

/** Servers whose own logs have writes that a replica refused: the latest of them still use the old primary. */
function refusedServers(evidence: Evidence | undefined): string[] {
  const collected = evidence?.sources.servers;
  const servers = collected && !('gap' in collected) ? collected.facts.servers : [];
  return servers.filter(({ application }) => (application?.readOnly ?? 0) > 0).map(({ instanceId }) => instanceId);
}

const nothingSteps = ({ doctor }: StepContext): Step[] => [
  step('Nothing, unless users report trouble. Then compare the load balancer, the servers and the store with the configuration:', doctor),
];

const unknownSteps = (options: string, context: StepContext, again: string): Step[] => [
  ...ofDeploy(context),
  step('Compare the load balancer, the servers and the store with the configuration:', context.doctor),
  step('See the servers and the latest deploys:', `npx holdfast status ${options}`, `npx holdfast deploys ${options}`),
  step('Read the store, as the collector last saw it:', `npx holdfast store ${options}`),
  step('Run the runbook again when more is known, changing nothing:', again),
];

/** A change is the likeliest cause of all, and a person sees at once whether the trouble is of the same minute. */
function ofDeploy({ runningDeploy }: StepContext): Step[] {
  if (runningDeploy === undefined) return [];
  const { deployId, options } = runningDeploy;
  return [
    step('A deploy is running. See since when, and which servers it has reached:', `npx holdfast deploys show ${deployId} ${options}`),
    step('If the trouble began with it, stop it and have every server restored:', `npx holdfast deploys abort ${deployId} ${options}`),
  ];
}
