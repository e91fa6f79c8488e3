import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import { GetDocumentCommand } from '@aws-sdk/client-ssm';
import type { DeployRecord } from '../../../functions/records/types.ts';
import { prepareDocumentName } from '../../../functions/shared/naming.ts';
import type { Clients } from '../clients.ts';
import type { ClusterLookups, ClusterSecretFacts } from '../facts.ts';
import { aboutResource, type Lookup, lookUp, NotFound, SKIPPED } from '../lookup.ts';
import { roleAllows } from '../servers/gather-instance-role.ts';
import type { Subject } from '../subject.ts';

type ClusterClients = Pick<Clients, 'ssm' | 'secretsManager' | 'iam' | 'records'>;

/** Enough to find one that asked servers among those that were refused before. */
const LATEST_DEPLOYS = 20;
const READ_SECRET = 'secretsmanager:GetSecretValue';

/** What the servers of a Tomcat cluster share, and what the latest deploy found of their copies. */
export async function gatherCluster(clients: ClusterClients, subject: Subject): Promise<ClusterLookups> {
  if (!subject.cluster) return { clusterSecret: SKIPPED, copiesCompared: SKIPPED };
  const table = aboutResource('table', subject.recordsTable, 'dynamodb:Query', { absentOn: ['ResourceNotFoundException'] });
  const [clusterSecret, copiesCompared] = await Promise.all([
    readSecretArn(clients, subject).then((arn) => (arn.state === 'known' ? readSecret(clients, subject, arn.value) : arn)),
    lookUp(table, async () => (await clients.records.latestDeploys(subject.fleet, LATEST_DEPLOYS)).find(comparedCopies)),
  ]);
  return { clusterSecret, copiesCompared };
}

/**
 * Whether servers were asked for their copies in this deploy: it failed because of copies, or a server's answer before its stop is on
 * record.
 */
const comparedCopies = ({ error, targets }: DeployRecord): boolean =>
  error?.Error === 'SessionsAlone' || Object.values(targets).some(({ sessionsAlone }) => sessionsAlone !== undefined);

/**
 * The secret's ARN, read from the document that prepares servers: CloudFormation generates a part of the name, so it cannot be computed.
 */
function readSecretArn({ ssm }: ClusterClients, { installation, fleet }: Subject): Promise<Lookup<string>> {
  const name = prepareDocumentName(installation, fleet);
  return lookUp(
    aboutResource("secret of the cluster's messages in the document", name, 'ssm:GetDocument', { absentOn: ['InvalidDocument'] }),
    async () => {
      const { Content = '' } = await ssm.send(new GetDocumentCommand({ Name: name, DocumentVersion: '$LATEST', DocumentFormat: 'JSON' }));
      const arn = /\bcluster_secret_arn=[^a-z]*(arn:[A-Za-z0-9:/_+=.@-]+)/.exec(Content)?.[1];
      if (arn === undefined) throw new NotFound();
      return arn;
    },
  );
}

function readSecret({ secretsManager, iam }: ClusterClients, subject: Subject, arn: string): Promise<Lookup<ClusterSecretFacts>> {
  const about = aboutResource('secret', arn, 'secretsmanager:DescribeSecret', { absentOn: ['ResourceNotFoundException'] });
  return lookUp(about, async () => {
    const { DeletedDate, RotationEnabled = false } = await secretsManager.send(new DescribeSecretCommand({ SecretId: arn }));
    const { instanceRoleName } = subject;
    const isReadable = instanceRoleName === undefined ? undefined : await roleAllows(iam, instanceRoleName, READ_SECRET, arn);
    return { arn, isDeleted: DeletedDate !== undefined, rotates: RotationEnabled, ...(isReadable !== undefined && { isReadable }) };
  });
}
