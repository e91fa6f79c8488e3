/** What is on record of a fleet, and what is around an installation: documents, termination protection, quotas, the clock. */

import { isDeepStrictEqual } from 'node:util';
import { type CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetAccountSummaryCommand, type IAMClient } from '@aws-sdk/client-iam';
import { GetAccountSettingsCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { DescribeDocumentCommand, GetDocumentCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import type { ArchiveFacts, DocumentFacts } from '../../functions/checks/facts.ts';
import type { StoreScope, Subject } from '../../functions/checks/subject.ts';
import { READ_LOGS } from '../../functions/incidents/contract/read-logs.ts';
import { DOCUMENTS } from '../../functions/instance/document-contract.ts';
import { SHARED_LIMITS } from '../../functions/shared/limits/service-limits.ts';
import { documentName, releaseKey } from '../../functions/shared/naming.ts';
import { type DocumentKey, documentContent } from '../../server/documents/deploy-documents.ts';
import { readLogsContent } from '../../server/documents/read-logs.ts';
import type { Clients } from './clients.ts';
import { aboutResource, known, type Lookup, type Lookups, lookUp, NotFound, SKIPPED } from './lookup.ts';

/** The fleet's records, and the archive of the current release. */
export async function gatherReleases(
  { records, s3 }: Pick<Clients, 'records' | 's3'>,
  { fleet, recordsTable, releasesBucket }: Subject,
): Promise<Pick<Lookups, 'fleetRecord' | 'releases' | 'installed' | 'lastDeploy' | 'lock' | 'archive'>> {
  const read = <T>(action: string, work: () => Promise<T>): Promise<Lookup<T>> =>
    lookUp(aboutResource('table', recordsTable, action, { absentOn: ['ResourceNotFoundException'] }), work);
  const [fleetRecord, releases, installed, lock] = await Promise.all([
    read('dynamodb:GetItem', () => records.getFleet(fleet)),
    read('dynamodb:Query', () => records.listReleases(fleet)),
    read('dynamodb:Query', () => records.getInstances(fleet)),
    read('dynamodb:GetItem', () => records.getLock(fleet)),
  ]);
  const deployId = known(fleetRecord)?.deployId;
  const lastDeploy = deployId === undefined ? SKIPPED : await read('dynamodb:GetItem', () => records.getDeploy(fleet, deployId));
  const current = known(releases)?.find(({ version }) => version === known(fleetRecord)?.currentVersion);
  const archive = current === undefined ? SKIPPED : await readArchive(s3, releasesBucket, releaseKey(fleet, current.version));
  return { fleetRecord, releases, installed, lastDeploy, lock, archive };
}

/** Without s3:ListBucket, S3 answers 403 for an object that does not exist, so the report names that permission as well. */
function readArchive(s3: S3Client, bucket: string, key: string): Promise<Lookup<ArchiveFacts>> {
  const about = aboutResource('archive', `s3://${bucket}/${key}`, 's3:GetObject (and s3:ListBucket)', {
    named: true,
    unlessAllowed: 'a policy that reads archives is more than readers have; a server refuses one whose checksum differs',
    absentOn: ['NotFound', 'NoSuchKey', 'NoSuchBucket'],
  });
  return lookUp(about, async () => {
    const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' }));
    return {
      sha256: head.ChecksumSHA256 === undefined ? undefined : Buffer.from(head.ChecksumSHA256, 'base64').toString('hex'),
      sizeBytes: head.ContentLength ?? 0,
    };
  });
}

/** The documents that run on servers, compared with those of this checkout. */
export function gatherDocuments(ssm: SSMClient, { installation, releasesBucket, hasRunbooks }: Subject): Promise<Lookups['documents']> {
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

/** How many functions without a reservation of their own can run at once in the account and Region. */
export const gatherConcurrency = (lambda: LambdaClient, region: string): Promise<Lookup<number>> =>
  lookUp(aboutResource('concurrency of functions in', region, 'lambda:GetAccountSettings'), async () => {
    const { AccountLimit } = await lambda.send(new GetAccountSettingsCommand({}));
    if (AccountLimit?.UnreservedConcurrentExecutions === undefined) throw new NotFound();
    return AccountLimit.UnreservedConcurrentExecutions;
  });

/** Termination protection of the installation's last stack. An ephemeral installation has none. */
export async function gatherProtection(
  cloudFormation: CloudFormationClient,
  { lastStackName }: StoreScope,
): Promise<Lookups['terminationProtection']> {
  if (lastStackName === undefined) return SKIPPED;
  // "Stack with id … does not exist": CloudFormation has no error of its own for that.
  const stack = aboutResource('stack', lastStackName, 'cloudformation:DescribeStacks', { absentOn: ['ValidationError'] });
  return lookUp(stack, async () => {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: lastStackName }));
    if (!Stacks?.[0]) throw new NotFound();
    return Stacks[0].EnableTerminationProtection ?? false;
  });
}

export function gatherRoles(iam: IAMClient): Promise<Lookups['roles']> {
  const about = { what: 'how many roles the account has', resource: 'roles', action: 'iam:GetAccountSummary' };
  return lookUp({ ...about, unlessAllowed: "the operator's policy allows it" }, async () => {
    const { SummaryMap: { Roles, RolesQuota = SHARED_LIMITS.rolesOfAccount } = {} } = await iam.send(new GetAccountSummaryCommand({}));
    if (Roles === undefined) throw new Error('the answer has no Roles');
    return { used: Roles, most: RolesQuota };
  });
}

/** This machine's clock minus AWS's, by the Date header of a response, which has a resolution of one second. */
export function gatherClock(sts: STSClient, now: () => number): Promise<Lookups['clockSkewMs']> {
  const about = { what: "AWS's clock", resource: 'clock', action: 'sts:GetCallerIdentity', named: true };
  return lookUp(about, async () => {
    let date: string | undefined;
    sts.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        date = (result.response as { headers?: Record<string, string> }).headers?.['date'];
        return result;
      },
      { step: 'deserialize', name: 'readDate', override: true },
    );
    const beforeMs = now();
    await sts.send(new GetCallerIdentityCommand({}));
    const middleMs = (beforeMs + now()) / 2;
    const theirsMs = Date.parse(date ?? '');
    if (Number.isNaN(theirsMs)) throw new NotFound();
    return middleMs - theirsMs;
  });
}
