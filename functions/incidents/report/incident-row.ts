/** An incident in a few words, for the rows of tables, for titles and for subjects of messages. Pure. */

import type { Finding } from '../contract/causes.ts';
import type { Evidence } from '../contract/evidence.ts';
import type { IncidentRecord, MitigationState } from '../contract/incident.ts';
import { nounOf } from '../trouble/sentences.ts';
import { hurtingChannels, troubleOf } from '../trouble/trouble.ts';
import type { Place } from './incident-page.ts';
import { plain } from './plain.ts';
import { SAYS } from './says.ts';

/** `leftBehind` → `left behind`; of what is only named nothing was done. */
export function stateText(state: MitigationState): string {
  if (state === 'observed') return 'not carried out (observe)';
  return state.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** `open`, `closed`, with `dry run`. */
export function incidentState(incident: Pick<IncidentRecord, 'closedAtMs' | 'dryRun'>): string {
  const { closedAtMs, dryRun } = incident;
  const state = closedAtMs !== undefined ? 'closed' : 'open';
  return dryRun ? `${state}, dry run` : state;
}

/** `stickiness-off (certain)`, `unknown`, `no trouble`, or `being investigated` while the runbook works. */
export function findingText({ finding }: Pick<IncidentRecord, 'finding'>): string {
  if (!finding) return 'being investigated';
  if (finding.verdict === 'cause') return `${finding.cause} (${finding.confidence})`;
  return finding.verdict === 'nothing' ? 'no trouble' : 'unknown';
}

/** `fleet web`; of an incident that concerns every fleet, `the session store`, or `every fleet` where users of any are logged out. */
export function aboutText({ fleet, runbook }: Pick<IncidentRecord, 'fleet' | 'runbook'>): string {
  if (fleet !== undefined) return `fleet ${plain(fleet)}`;
  return runbook === 'logged-out' ? 'every fleet' : 'the session store';
}

/** `holdfast eu-west-1` */
export const placeText = ({ installation, region, local }: Place): string => `${installation} ${local ? '(local cloud)' : region}`;

/** `the store is down` */
export function nameOf(finding: Finding): string {
  if (finding.verdict === 'cause') return SAYS[finding.cause].name;
  return finding.verdict === 'nothing' ? 'no trouble found' : 'cause not known';
}

/** `the store is down (certain)`; of an unknown cause, what people notice. */
export function titleOf({ finding }: Pick<IncidentRecord, 'finding'>, evidence: Evidence | undefined): string {
  if (finding === undefined) return 'collecting evidence';
  const name = nameOf(finding);
  if (finding.verdict === 'cause') return `${name} (${finding.confidence})`;
  const [worst] = finding.verdict === 'unknown' && evidence ? hurtingChannels(troubleOf(evidence)) : [];
  return worst === undefined ? name : `${nounOf(worst.name)}, ${name}`;
}
