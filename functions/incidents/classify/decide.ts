import type { Finding } from '../contract/causes.ts';
import type { Evidence } from '../contract/evidence.ts';
import type { IncidentRecord, MitigationState } from '../contract/incident.ts';
import {
  DESCRIPTORS,
  type Decision,
  type MitigationName,
  type MitigationTarget,
  type Mode,
  TEMPORARY,
  whyAsks,
} from '../contract/mitigations.ts';
import { serversOf } from '../trouble/traces.ts';
import { mostAreUp, storeAnswers, wasAway } from './facts/reach.ts';
import { rowOf } from './rows.ts';

/** A decision before the incident is known that it belongs to; they come in this order. */
export type Choice = Omit<Decision, 'target'> & { readonly target: Omit<MitigationTarget, 'incidentId'> };

export interface DecideInput {
  /** The modes of the configuration; a mitigation without one has `observe`. */
  readonly modes: Readonly<Partial<Record<MitigationName, Mode>>>;
  /** Those that the incident concerns; none where Holdfast watches a store alone. */
  readonly fleets: readonly string[];
  readonly mitigations: IncidentRecord['mitigations'];
  /** In a run that a re-check began: nothing is chosen again that was decided since then. */
  readonly onlyNewSinceMs?: number;
  /** CloudTrail has every change until the trouble began, so that it names who did something on purpose. @default false */
  readonly isTrailComplete?: boolean;
  /** What would bridge an outage is not chosen. @default false */
  readonly isOutageOver?: boolean;
}

/** Nothing was sent for these, or what they bridged was over: it can come again. */
const TRIED_AGAIN: readonly MitigationState[] = ['planned', 'observed', 'refused', 'ended'];

/** Which mitigations follow from a finding, strongest first. `auto` needs one that is certain, by more than one server's own words. Pure. */
export function decide(finding: Finding, given: DecideInput): readonly Choice[] {
  const { modes, fleets, mitigations, onlyNewSinceMs = Number.POSITIVE_INFINITY, isOutageOver = false, isTrailComplete = false } = given;
  if (finding.verdict !== 'cause') return [];
  const { instanceId, deployId } = finding.about ?? {};
  const about = { ...(instanceId !== undefined && { instanceId }), ...(deployId !== undefined && { deployId }) };
  const names = (rowOf(finding.cause)?.mitigations ?? []).filter((name) => !(isOutageOver && TEMPORARY.includes(name)));
  return names.flatMap((name) => {
    const { mode, reason } = modeOf(name, modes[name] ?? 'observe', finding, isTrailComplete);
    const targets = DESCRIPTORS[name].worksOn === 'store' ? [fleets.length === 1 ? fleets[0] : undefined] : fleets;
    return targets.flatMap((fleet) => {
      const key: Decision['key'] = targets.length > 1 ? `${name}@${fleet}` : name;
      const tried = mitigations[key];
      if (tried && (tried.finishedAtMs ?? tried.requestedAtMs ?? 0) >= onlyNewSinceMs) return [];
      if (tried && !TRIED_AGAIN.includes(tried.state)) return [];
      return [{ key, name, mode, target: { ...(fleet !== undefined && { fleet }), ...about }, reason }];
    });
  });
}

function modeOf(
  name: MitigationName,
  mode: Mode,
  { confidence, about }: Extract<Finding, { verdict: 'cause' }>,
  isTrailComplete: boolean,
): Pick<Choice, 'mode' | 'reason'> {
  if (mode !== 'auto') return { mode, reason: `its mode is ${mode}` };
  const why = whyAsks(name);
  if (why !== undefined) return { mode: 'observe', reason: `${why}, so that a person decides` };
  if (confidence !== 'certain') return { mode: 'observe', reason: 'the cause is likely and not certain, so that a person decides' };
  if (DESCRIPTORS[name].undoesPeople && !isTrailComplete)
    return {
      mode: 'observe',
      reason: 'CloudTrail, which is up to 15 minutes late, cannot say yet whether somebody did it on purpose: a person decides',
    };
  if (about?.instanceId !== undefined)
    return { mode: 'observe', reason: 'the cause is known from one server alone, so that a person decides what concerns its fleet' };
  return { mode, reason: 'its mode is auto, and the cause is certain' };
}

/** A failover or an outage that is over when its runbook looks: a primary takes writes again, and most servers work with it. */
export const isOutageOver = (finding: Finding, evidence: Evidence): boolean =>
  finding.verdict === 'cause' &&
  (finding.cause === 'store-failing-over' || (finding.cause === 'store-down' && wasAway(evidence).truth === true)) &&
  storeAnswers(evidence).truth === true &&
  mostAreUp(serversOf(evidence));
