import { aws_dynamodb as dynamodb, RemovalPolicy, Stack, type StackProps, aws_s3 as s3 } from 'aws-cdk-lib';
import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { DOCUMENTS } from '../../functions/deploy/contract.ts';
import { documentName, recordsTableName, releasesBucketName } from '../../functions/shared/naming.ts';
import type { HoldfastConfig } from '../config.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import { documentContent } from '../documents/documents.ts';

export interface ReleasesStackProps extends StackProps {
  readonly config: HoldfastConfig;
}

/** What releases and deploys leave behind: the archives, the records, and the documents that work on instances. */
export class ReleasesStack extends Stack {
  readonly bucket: s3.Bucket;
  readonly records: dynamodb.Table;
  /** Physical names of the SSM documents. */
  readonly documents: Readonly<Record<keyof typeof DOCUMENTS, string>>;

  constructor(scope: Construct, id: string, props: ReleasesStackProps) {
    super(scope, id, props);
    const { config } = props;
    const ephemeral = config.retention === 'ephemeral';
    const removalPolicy = ephemeral ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;

    this.bucket = new s3.Bucket(this, 'Releases', {
      bucketName: releasesBucketName(config.installation, this.account, this.region),
      versioned: true,
      encryption: s3.BucketEncryption.S3_MANAGED,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy,
    });
    this.records = new dynamodb.Table(this, 'Records', {
      tableName: recordsTableName(config.installation),
      partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'sk', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: !ephemeral },
      deletionProtection: !ephemeral,
      removalPolicy,
    });

    // A server of one's own is no EC2 instance. @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateDocument.html
    const targetType = hasManagedNodes(config) ? '/' : '/AWS::EC2::Instance';
    const names = {} as Record<keyof typeof DOCUMENTS, string>;
    for (const [key, logicalName] of Object.entries(DOCUMENTS) as [keyof typeof DOCUMENTS, string][]) {
      names[key] = documentName(config.installation, logicalName);
      new CfnDocument(this, `Document-${logicalName}`, {
        name: names[key],
        documentType: 'Command',
        documentFormat: 'JSON',
        targetType,
        updateMethod: 'NewVersion',
        content: documentContent(key),
      });
    }
    this.documents = names;
    acknowledge(this, {
      'AwsSolutions-S1':
        'Every release is recorded with who published it and its checksum; data events of CloudTrail log reads where an account wants them.',
      ...(ephemeral && { 'AwsSolutions-DDB3': 'An ephemeral installation keeps nothing, so there is nothing to recover.' }),
    });
  }
}

const hasManagedNodes = ({ fleets }: HoldfastConfig): boolean =>
  Object.values(fleets).some(({ existing }) => existing?.nodes?.some(({ nodeId }) => nodeId.startsWith('mi-')));
