import { CustomResource, Duration, type aws_dynamodb as dynamodb, aws_s3 as s3 } from 'aws-cdk-lib';
import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { INCIDENTS_PREFIX } from '../../functions/incidents/contract/environment.ts';
import { DOCUMENTS } from '../../functions/instance/document-contract.ts';
import { documentName, functionName, INCOMING_PREFIX, releasesBucketName, SWEEP_REPORTS_PREFIX } from '../../functions/shared/naming.ts';
import { type DocumentKey, documentContent } from '../../server/documents/deploy-documents.ts';
import { hasVariables } from '../config/environment.ts';
import type { HoldfastConfig } from '../config.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import { DeployedInstallation } from '../constructs/deployed-installation.ts';
import { HoldfastFunction } from '../constructs/holdfast-function.ts';
import { createRecordsTable, removalPolicyOf } from '../constructs/records-table.ts';
import { HoldfastStack, type HoldfastStackProps } from './holdfast-stack.ts';

/** Deleting 1,000 objects takes some seconds, and a release is one object. */
const EMPTYING_LIMIT = Duration.minutes(10);

/** A release is read while it is the current one or the one before: by then it seldom is. */
const ARCHIVED_AFTER = Duration.days(30);

/** Where releases and deploys are stored: the archives, the records, the documents that run on instances, and what commands find. */
export class ReleasesStack extends HoldfastStack {
  readonly bucket: s3.Bucket;
  readonly records: dynamodb.Table;
  readonly documents: Readonly<Record<DocumentKey, string>>;

  constructor(scope: Construct, id: string, props: HoldfastStackProps) {
    super(scope, id, props);
    const { config } = props;
    const ephemeral = config.retention === 'ephemeral';
    this.bucket = this.releasesBucket(config);
    if (ephemeral) this.emptyWhenDeleted(config);
    this.records = createRecordsTable(this, config);
    // Nothing runs on servers where no fleet has any.
    this.documents = Object.keys(config.fleets).length > 0 ? this.createDocuments(config) : ({} as ReleasesStack['documents']);
    new DeployedInstallation(this, 'Installation', { config, records: this.records });
    acknowledge(this, {
      'AwsSolutions-S1':
        "Every release's record has its checksum and who published it; CloudTrail's data events log reads where an account needs them.",
      ...(ephemeral && { 'AwsSolutions-DDB3': 'An ephemeral installation keeps nothing, so there is nothing to recover.' }),
    });
  }

  private releasesBucket(config: HoldfastConfig): s3.Bucket {
    return new s3.Bucket(this, 'Releases', {
      bucketName: releasesBucketName(config.installation, this.account, this.region),
      versioned: true,
      encryption: s3.BucketEncryption.S3_MANAGED,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [
        ...[SWEEP_REPORTS_PREFIX, INCIDENTS_PREFIX].map((prefix) => ({
          prefix,
          expiration: Duration.days(365),
          noncurrentVersionExpiration: Duration.days(1),
        })),
        // The publish function removes what it has published; the rest is of publications that were broken off.
        {
          prefix: INCOMING_PREFIX,
          expiration: Duration.days(1),
          noncurrentVersionExpiration: Duration.days(1),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
        // Releases do not expire: any of them can be deployed again, as fast as a new one, since this class answers in milliseconds.
        // It costs a sixth, and 0.03 USD for each GB that is read.
        { transitions: [{ storageClass: s3.StorageClass.GLACIER_INSTANT_RETRIEVAL, transitionAfter: ARCHIVED_AFTER }] },
      ],
      removalPolicy: removalPolicyOf(config),
    });
  }

  private createDocuments(config: HoldfastConfig): Readonly<Record<DocumentKey, string>> {
    // An on-premises server is not an EC2 instance. @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateDocument.html
    const targetType = hasManagedNodes(config) ? '/' : '/AWS::EC2::Instance';
    const names = {} as Record<DocumentKey, string>;
    for (const [key, logicalName] of Object.entries(DOCUMENTS) as [DocumentKey, string][]) {
      names[key] = documentName(config.installation, logicalName);
      new CfnDocument(this, `Document-${logicalName}`, {
        name: names[key],
        documentType: 'Command',
        documentFormat: 'JSON',
        targetType,
        updateMethod: 'NewVersion',
        content: documentContent(
          key,
          releasesBucketName(config.installation, this.account, this.region),
          Object.values(config.fleets).some(hasVariables),
        ),
      });
    }
    return names;
  }

  /** S3 refuses to delete a bucket that contains any version of an object. */
  private emptyWhenDeleted(config: HoldfastConfig): void {
    const fn = new HoldfastFunction(this, 'EmptyBucket', {
      functionName: functionName(config.installation, 'releases', 'empty-bucket'),
      description: `Empties the releases bucket of ${config.installation} when its stack is deleted`,
      entry: 'functions/releases/handler.ts',
      environment: {},
      timeout: EMPTYING_LIMIT,
    });
    fn.allow(['s3:ListBucketVersions'], [this.bucket.bucketArn]);
    // DeleteObjects needs both, also for versions. @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
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
    // The bucket requires TLS until its last object is deleted.
    if (this.bucket.policy) emptied.node.addDependency(this.bucket.policy);
  }
}

const hasManagedNodes = ({ fleets }: HoldfastConfig): boolean =>
  Object.values(fleets).some(({ existing }) => existing?.nodes?.some(({ nodeId }) => nodeId.startsWith('mi-')));
