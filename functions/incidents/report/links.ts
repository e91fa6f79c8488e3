/** What the documentation says about the cause and the alarms of an incident. Pure. */
import { documentationAddress, runbookAddress } from '../../shared/runbook.ts';
import type { IncidentRecord } from '../contract/incident.ts';
import type { Place } from './incident-page.ts';
import { mitigationsOf } from './mitigations-of.ts';

/** Candidates of an unknown cause that are linked: more of them are a table. */
const MOST_CAUSES = 3;

export function linksOf({ signs, finding, fleet, mitigations }: IncidentRecord, place: Place): string[] {
  const { installation, fleets, documentation } = place;
  const prefixes = [...(fleet ? [fleet] : fleets), 'store'].map((part) => `${installation}-${part}-`);
  const headings = signs.flatMap(({ from }) =>
    prefixes.filter((prefix) => from.startsWith(prefix)).map((prefix) => from.slice(prefix.length)),
  );
  const causes =
    finding?.verdict === 'cause' ? [finding.cause] : finding?.verdict === 'unknown' ? finding.candidates.slice(0, MOST_CAUSES) : [];
  // What a mode is, and how to set another one for the next time.
  const isObserved = mitigationsOf({ mitigations }).some(([, { state }]) => state === 'observed');
  return [
    ...[...new Set(headings)].filter((heading) => /^[a-z0-9-]+$/.test(heading)).map((heading) => headingAddress(heading, place)),
    ...causes.map((cause) => inConsole(cause, place) ?? documentationAddress(`incidents.md#${cause}`, documentation)),
    ...(isObserved ? [documentationAddress('mitigations.md', documentation)] : []),
  ];
}

const headingAddress = (heading: string, place: Place): string => inConsole(heading, place) ?? runbookAddress(heading, place.documentation);

/** The local console has the runbook's headings and the causes; it is used where the configuration has no address of the documentation. */
const inConsole = (name: string, { documentation, console }: Place): string | undefined =>
  documentation === undefined && console !== undefined ? `${console}#/runbook/${name}` : undefined;
