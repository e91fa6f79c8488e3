import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { READ_ACCESS_LOG, READ_LOGS, READ_LOGS_ENV } from '../../../functions/incidents/contract/read-logs.ts';
import { SHOW_LINES } from '../../../functions/incidents/lines/contract.ts';
import { documentName } from '../../../functions/shared/naming.ts';
import type { DocumentContent } from '../../../server/documents/document-content.ts';
import { readLogsContent, showLinesContent } from '../../../server/documents/read-logs.ts';
import type { HoldfastFunction } from '../holdfast-function.ts';
import { allowCommands } from '../web-tier/members.ts';
import type { IncidentParts } from './incident-fleets.ts';

/** Creates the documents that read servers' logs and show their lines; that of the access log is every fleet's. @returns the environment that names those that read to a function */
export function createReadLogsDocument(scope: Construct, installation: string): Record<string, string> {
  const made = (id: string, document: string, content: DocumentContent): string => {
    const name = documentName(installation, document);
    // Any type of target: an on-premises managed node is not an EC2 instance.
    const common = { documentType: 'Command', documentFormat: 'JSON', targetType: '/', updateMethod: 'NewVersion' };
    new CfnDocument(scope, id, { ...common, name, content });
    return name;
  };
  made('ShowLines', SHOW_LINES.document, showLinesContent());
  return {
    [READ_LOGS_ENV.document]: made('ReadLogs', READ_LOGS.document, readLogsContent()),
    [READ_LOGS_ENV.accessDocument]: documentName(installation, READ_ACCESS_LOG.document),
  };
}

/** Lets a function run these documents on the servers of each fleet, and no other document. */
export function allowReadingLogs(
  fn: HoldfastFunction,
  { config, webTiers }: Pick<IncidentParts, 'config' | 'webTiers'>,
  documents: readonly string[] = [READ_LOGS.document, READ_ACCESS_LOG.document],
): void {
  const all = Object.values(webTiers);
  if (all.length > 0) fn.allow(['elasticloadbalancing:DescribeTargetHealth', 'ssm:GetCommandInvocation'], ['*']);
  for (const { members } of all) {
    const names = documents.map((document) => documentName(config.installation, document));
    allowCommands(fn, { ...members, prepareDocument: undefined }, names);
  }
}
