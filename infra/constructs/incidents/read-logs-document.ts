import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { READ_ACCESS_LOG, READ_LOGS, READ_LOGS_ENV } from '../../../functions/incidents/contract/read-logs.ts';
import { documentName } from '../../../functions/shared/naming.ts';
import { readAccessLogContent, readLogsContent } from '../../../server/documents/read-logs.ts';
import type { HoldfastFunction } from '../holdfast-function.ts';
import { allowCommands } from '../web-tier/members.ts';
import type { IncidentParts } from './incident-parts.ts';

/** Creates the documents that read servers' logs. @returns the environment that names them to a function */
export function createReadLogsDocuments(scope: Construct, installation: string): Record<string, string> {
  const create = (id: string, document: string, content: object): string => {
    const name = documentName(installation, document);
    new CfnDocument(scope, id, {
      name,
      documentType: 'Command',
      documentFormat: 'JSON',
      // Any type of target: an on-premises managed node is not an EC2 instance.
      targetType: '/',
      updateMethod: 'NewVersion',
      content,
    });
    return name;
  };
  return {
    [READ_LOGS_ENV.document]: create('ReadLogs', READ_LOGS.document, readLogsContent()),
    [READ_LOGS_ENV.accessDocument]: create('ReadAccessLog', READ_ACCESS_LOG.document, readAccessLogContent()),
  };
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
