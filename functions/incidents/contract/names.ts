/** Names of the resources that work on incidents, each built here only. */
import { functionName, INCIDENTS_PART } from '../../shared/naming.ts';

export const incidentsFunctionName = (installation: string, role: string): string => functionName(installation, INCIDENTS_PART, role);
export const runbookStateMachineName = (installation: string): string => `${installation}-runbook`;

/** Prefix of what runbooks collect and report in the releases bucket; no fleet's name begins with `_`. */
export const INCIDENTS_PREFIX = '_incidents/';
/** What one run of a runbook collected and reported. @param file `SOURCE.json`, `evidence.json`, `report.json`, `report.md` */
export const incidentKey = (incidentId: string, run: number, file: string): string => `${INCIDENTS_PREFIX}${incidentId}/${run}/${file}`;
/** What one source gave: a re-check has parts of its own. */
export const partKey = ({ incidentId, run, look }: { incidentId: string; run: number; look?: number }, source: string): string =>
  `${INCIDENTS_PREFIX}${incidentId}/${look === undefined ? run : `look-${look}`}/${source}.json`;
