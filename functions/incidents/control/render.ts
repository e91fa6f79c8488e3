import type { Evidence } from '../contract/evidence.ts';
import type { IncidentRecord } from '../contract/incident.ts';
import type { Rendered } from './report.ts';

/** A plain report: the record's facts in order. */
export function renderPlainly(incident: IncidentRecord, evidence: Evidence | undefined): Rendered {
  const { incidentId, runbook, finding } = incident;
  const verdict =
    finding?.verdict === 'cause'
      ? finding.sentence
      : finding?.verdict === 'nothing'
        ? 'The evidence shows no trouble.'
        : 'The cause is unknown.';
  const gaps = Object.entries(evidence?.sources ?? {}).flatMap(([source, part]) =>
    part && 'gap' in part ? [`- ${source}: ${part.gap}`] : [],
  );
  return {
    markdown: [`# ${incidentId}: ${runbook}`, '', verdict, '', '## Missing', '', ...(gaps.length > 0 ? gaps : ['- nothing'])].join('\n'),
    json: { incident },
    subject: `${incidentId}: ${runbook}`,
    text: verdict,
  };
}
