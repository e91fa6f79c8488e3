/** What the mitigating function may change: a block for each mitigation, named after it. */
import type { HoldfastFunction } from '../holdfast-function.ts';
import { incidentRecords } from '../records-table.ts';
import type { IncidentParts } from './incident-parts.ts';

export function allowMitigating(fn: HoldfastFunction, { releases }: IncidentParts): void {
  fn.allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], [releases.records.tableArn], incidentRecords());
}
