import {
  CustomResource,
  Duration,
  aws_dynamodb as dynamodb,
  type aws_logs as logs,
  RemovalPolicy,
  Stack,
  type StackProps,
  aws_s3 as s3,
} from 'aws-cdk-lib';
import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { DOCUMENTS } from '../../functions/deploy/contract.ts';
import { documentName, functionName, recordsTableName, releasesBucketName, SWEEP_REPORTS_PREFIX } from '../../functions/shared/naming.ts';
import type { HoldfastConfig } from '../config.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import { HoldfastFunction } from '../constructs/holdfast-function.ts';
import { documentContent } from '../documents/documents.ts';

/** 1,000 objects take some seconds, and a release is one object. */
const EMPTYING_LIMIT = Duration.minutes(10);

/** The least that S3 allows. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html */
const INFREQUENT_AFTER = Duration.days(30);

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
      lifecycleRules: [
        { prefix: SWEEP_REPORTS_PREFIX, expiration: Duration.days(365), noncurrentVersionExpiration: Duration.days(1) },
        // Releases stay: nothing knows which of them is still wanted. Old ones are read by few, at once as before, and cost half.
        { transitions: [{ storageClass: s3.StorageClass.INFREQUENT_ACCESS, transitionAfter: INFREQUENT_AFTER }] },
      ],
      removalPolicy,
    });
    if (ephemeral) this.emptyWhenDeleted(config);
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

  /** S3 refuses to delete a bucket that holds a version of anything. */
  private emptyWhenDeleted(config: HoldfastConfig): void {
    const fn = new HoldfastFunction(this, 'EmptyBucket', {
      functionName: functionName(config.installation, 'releases', 'empty-bucket'),
      description: `Empties the releases bucket of ${config.installation} when its stack is deleted`,
      entry: 'functions/releases/handlers/empty-bucket.ts',
      environment: {},
      logRetentionDays: config.logRetentionDays as logs.RetentionDays,
      timeout: EMPTYING_LIMIT,
    });
    fn.allow(['s3:ListBucketVersions'], [this.bucket.bucketArn]);
    // DeleteObjects asks for both, also where it names versions: its page in the API reference of S3.
    fn.allow(['s3:DeleteObject', 's3:DeleteObjectVersion'], [this.bucket.arnForObjects('*')]);
    const bucket = this.getLogicalId(this.bucket.node.defaultChild as s3.CfnBucket);
    acknowledge(fn, {
      [`AwsSolutions-IAM5[Resource::<${bucket}.Arn>/*]`]: 'It deletes every object of this one bucket, whatever its name.',
    });
    const emptied = new CustomResource(this, 'Emptied', {
      resourceType: 'Custom::EmptyBucket',
      serviceToken: fn.function.functionArn,
      serviceTimeout: EMPTYING_LIMIT.plus(Duration.minutes(1)),
      properties: { BucketName: this.bucket.bucketName },
    });
    // TLS stays required until the last object is gone.
    if (this.bucket.policy) emptied.node.addDependency(this.bucket.policy);
  }
}

const hasManagedNodes = ({ fleets }: HoldfastConfig): boolean =>
  Object.values(fleets).some(({ existing }) => existing?.nodes?.some(({ nodeId }) => nodeId.startsWith('mi-')));
