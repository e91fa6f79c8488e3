import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { READ_ACCESS_LOG, READ_LOGS, READ_LOGS_ENV } from '../../../functions/incidents/contract/read-logs.ts';
import { documentName } from '../../../functions/shared/naming.ts';
import { readLogsContent } from '../../../server/documents/read-logs.ts';
import type { HoldfastFunction } from '../holdfast-function.ts';
import { allowCommands } from '../web-tier/members.ts';
import type { IncidentParts } from './incident-parts.ts';

/** Creates the document that reads servers' logs; that of the access log is every fleet's. @returns the environment that names both to a function */
export function createReadLogsDocument(scope: Construct, installation: string): Record<string, string> {
  const name = documentName(installation, READ_LOGS.document);
  new CfnDocument(scope, 'ReadLogs', {
    name,
    documentType: 'Command',
    documentFormat: 'JSON',
    // Any type of target: an on-premises managed node is not an EC2 instance.
    targetType: '/',
    updateMethod: 'NewVersion',
    content: readLogsContent(),
  });
  return { [READ_LOGS_ENV.document]: name, [READ_LOGS_ENV.accessDocument]: documentName(installation, READ_ACCESS_LOG.document) };
}

/** Lets a function run the documents on the servers of each fleet, and no other document. */
export function allowReadingLogs(fn: HoldfastFunction, { config, webTiers }: Pick<IncidentParts, 'config' | 'webTiers'>): void {
  const all = Object.values(webTiers);
  if (all.length > 0) fn.allow(['elasticloadbalancing:DescribeTargetHealth', 'ssm:GetCommandInvocation'], ['*']);
  for (const { members } of all) {
    const names = [READ_LOGS, READ_ACCESS_LOG].map(({ document }) => documentName(config.installation, document));
    allowCommands(fn, { ...members, prepareDocument: undefined }, names);
  }
}
