import { isDeepStrictEqual } from 'node:util';
import { DescribeDocumentCommand, GetDocumentCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { READ_LOGS } from '../../../functions/incidents/contract/read-logs.ts';
import { DOCUMENTS } from '../../../functions/instance/document-contract.ts';
import { documentName } from '../../../functions/shared/naming.ts';
import { type DocumentKey, documentContent } from '../../../server/documents/deploy-documents.ts';
import { readLogsContent } from '../../../server/documents/read-logs.ts';
import type { DeployLookups, DocumentFacts } from '../facts.ts';
import { aboutResource, lookUp } from '../lookup.ts';
import type { Subject } from '../subject.ts';

/** The documents that run on servers, compared with those of this checkout. */
export function gatherDocuments(
  ssm: SSMClient,
  { installation, releasesBucket, hasRunbooks }: Subject,
): Promise<DeployLookups['documents']> {
  const wanted: readonly (readonly [logicalName: string, content: object])[] = [
    ...(Object.entries(DOCUMENTS) as [DocumentKey, string][]).map(
      ([key, logicalName]) => [logicalName, documentContent(key, releasesBucket)] as const,
    ),
    ...(hasRunbooks ? [[READ_LOGS.document, readLogsContent()] as const] : []),
  ];
  return Promise.all(
    wanted.map(([logicalName, content]) => {
      const name = documentName(installation, logicalName);
      const about = aboutResource('document', name, 'ssm:DescribeDocument and ssm:GetDocument', { absentOn: ['InvalidDocument'] });
      return lookUp(about, () => readDocument(ssm, name, content));
    }),
  );
}

async function readDocument(ssm: SSMClient, name: string, wanted: object): Promise<DocumentFacts> {
  const { Document } = await ssm.send(new DescribeDocumentCommand({ Name: name }));
  const { Content = '' } = await ssm.send(new GetDocumentCommand({ Name: name, DocumentVersion: '$LATEST', DocumentFormat: 'JSON' }));
  const { LatestVersion = '', DefaultVersion = '' } = Document ?? {};
  return { name, latestVersion: LatestVersion, defaultVersion: DefaultVersion, isOfThisCheckout: haveSameContent(Content, wanted) };
}

/** CloudFormation may order members in another way, and write a number or a boolean of a template as a string. */
function haveSameContent(content: string, wanted: object): boolean {
  try {
    return isDeepStrictEqual(withStrings(JSON.parse(content)), withStrings(JSON.parse(JSON.stringify(wanted))));
  } catch {
    return false;
  }
}

function withStrings(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withStrings);
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withStrings(member)]));
}
