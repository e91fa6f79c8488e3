/** The page of a recorded incident, and the message about it, as an installation with the default configuration prints them. Pure. */
import { classify } from '../../../functions/incidents/classify/classify.ts';
import { decide, isOutageOver } from '../../../functions/incidents/classify/decide.ts';
import type { Cause, Runbook } from '../../../functions/incidents/contract/causes.ts';
import type { Evidence } from '../../../functions/incidents/contract/evidence.ts';
import type { IncidentRecord, MitigationRecord } from '../../../functions/incidents/contract/incident.ts';
import { reportFacts } from '../../../functions/incidents/estimate/report-facts.ts';
import type { Place } from '../../../functions/incidents/report/incident-page.ts';
import { pageOf } from '../../../functions/incidents/report/page.ts';
import { shortMessageOf } from '../../../functions/incidents/report/short-message.ts';
import { textOf } from '../../../functions/incidents/report/text.ts';
import { plannedCalls } from './planned-calls.ts';

const FLEET = 'web';
const PLACE: Place = { installation: 'holdfast', region: 'eu-west-1', local: false, fleets: [FLEET] };
const OPTIONS = `--fleet ${FLEET} --region ${PLACE.region} --installation ${PLACE.installation}`;

/** The alarm that opens an incident of the runbook most often. */
const ALARMS: Readonly<Record<Runbook, string>> = {
  'logged-out': 'holdfast-web-redirects',
  'store-failure': 'holdfast-store-store-unreachable',
  'session-explosion': 'holdfast-store-memory-percent',
};

function isWithoutFailover({ sources: { storeGroup } }: Evidence): boolean {
  return storeGroup !== undefined && 'facts' in storeGroup && !storeGroup.facts.automaticFailover;
}

/** What such a cause has of its own. */
const ALARMS_OF_CAUSES: Readonly<Partial<Record<Cause, string>>> = {
  'store-refuses': 'holdfast-store-refused-writes',
  'store-failing-over': 'holdfast-store-failover',
};

/** The record as the runbook leaves it in the mode `observe`, the default. */
function recordOf(evidence: Evidence, runbook: Runbook): IncidentRecord {
  const { incidentId, firstSignMs, toMs } = evidence;
  const finding = classify(evidence, runbook);
  const alarm = (finding.verdict === 'cause' && ALARMS_OF_CAUSES[finding.cause]) || ALARMS[runbook];
  const choices = decide(finding, { modes: {}, fleets: [FLEET], mitigations: {}, isOutageOver: isOutageOver(finding, evidence) });
  const mitigations = choices.map(({ key, name, mode, target }): [string, MitigationRecord] => {
    const common = { name, mode, run: 1, target: { incidentId, ...target } };
    // As its plan refuses it.
    const fails = name === 'promote-replica' && !isWithoutFailover(evidence);
    return [
      key,
      fails
        ? { ...common, state: 'refused', calls: [], detail: 'automatic failover is enabled: ElastiCache promotes a replica by itself' }
        : { ...common, state: 'observed', ...plannedCalls(name) },
    ];
  });
  return {
    incidentId,
    fingerprint: `${runbook}#${FLEET}`,
    runbook,
    ...(runbook === 'logged-out' && { fleet: FLEET }),
    stage: 'watching',
    openedAtMs: firstSignMs,
    alarms: {},
    signs: [{ from: alarm, state: 'ALARM', atMs: firstSignMs }],
    signCount: 1,
    runs: 1,
    lastRunAtMs: toMs,
    finding,
    mitigations: Object.fromEntries(mitigations),
  };
}

export function printedParts(evidence: Evidence, runbook: Runbook) {
  const incident = recordOf(evidence, runbook);
  const page = pageOf({ incident, evidence, place: PLACE, nowMs: evidence.toMs + 60_000, facts: reportFacts(evidence) });
  return { page, message: shortMessageOf(page, `./holdfast incidents show ${incident.incidentId} ${OPTIONS}`) };
}

/** The message, then the page. */
export function printedIncident(evidence: Evidence, runbook: Runbook): string {
  const { page, message } = printedParts(evidence, runbook);
  return [
    `===== the message: ${message.subject}`,
    message.message,
    '',
    `===== ./holdfast incidents show ${page.incidentId} ${OPTIONS}`,
    textOf(page, { verbose: true }),
    '',
  ].join('\n');
}
