import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { READ_LOGS } from '../../../functions/incidents/contract/read-logs.ts';
import { documentName } from '../../../functions/shared/naming.ts';
import { readLogsContent } from '../../../server/documents/read-logs.ts';
import type { HoldfastFunction } from '../holdfast-function.ts';
import { allowCommands } from '../web-tier/members.ts';
import type { IncidentParts } from './incident-parts.ts';

/** Creates the document that reads servers' logs. @returns its name */
export function createReadLogsDocument(scope: Construct, installation: string): string {
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
  return name;
}

/** Lets a function run the document on the servers of each fleet, and no other document. */
export function allowReadingLogs(fn: HoldfastFunction, { config, webTiers }: Pick<IncidentParts, 'config' | 'webTiers'>): void {
  fn.allow(['elasticloadbalancing:DescribeTargetHealth', 'ssm:GetCommandInvocation'], ['*']);
  for (const { members } of Object.values(webTiers)) {
    allowCommands(fn, { ...members, prepareDocument: undefined }, [documentName(config.installation, READ_LOGS.document)]);
  }
}
