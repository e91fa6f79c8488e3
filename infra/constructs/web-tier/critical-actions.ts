import { aws_dynamodb as dynamodb, aws_iam as iam, aws_secretsmanager as secretsmanager } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { CRITICAL_ACTIONS_TABLE } from '../../../functions/incidents/contract/environment.ts';
import { criticalActionsTableName } from '../../../functions/shared/naming.ts';
import type { NamedFleet } from '../../config.ts';
import { acknowledge } from '../acknowledge.ts';
import { removalPolicyOf } from '../records-table.ts';

/**
 * What a fleet's users have begun and must not lose with their session, and the key under which their names are hashed. The table is
 * encrypted with the account's KMS key for DynamoDB, which costs nothing until it is used.
 */
export class CriticalActions extends Construct {
  readonly tableName: string;
  readonly secretArn: string;
  private readonly table: dynamodb.Table;
  private readonly secret: secretsmanager.Secret;

  constructor(scope: Construct, id: string, { config, fleetName }: NamedFleet) {
    super(scope, id);
    const removalPolicy = removalPolicyOf(config);
    const { partitionKey, sortKey, ttl, pendingIndex } = CRITICAL_ACTIONS_TABLE;
    this.tableName = criticalActionsTableName(config.installation, fleetName);
    this.table = new dynamodb.Table(this, 'Table', {
      tableName: this.tableName,
      partitionKey: { name: partitionKey, type: dynamodb.AttributeType.STRING },
      sortKey: { name: sortKey, type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      encryption: dynamodb.TableEncryption.AWS_MANAGED,
      timeToLiveAttribute: ttl,
      removalPolicy,
    });
    // Sparse: a finished action has no such attribute, and so is not in the index.
    this.table.addGlobalSecondaryIndex({
      indexName: pendingIndex.name,
      partitionKey: { name: pendingIndex.partitionKey, type: dynamodb.AttributeType.STRING },
      sortKey: { name: ttl, type: dynamodb.AttributeType.NUMBER },
      projectionType: dynamodb.ProjectionType.KEYS_ONLY,
    });
    this.secret = new secretsmanager.Secret(this, 'Key', {
      description: `Hashes the users in ${this.tableName}`,
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy,
    });
    this.secretArn = this.secret.secretArn;
    acknowledge(this, {
      'AwsSolutions-DDB3': 'Its items live for a day; backups would keep what users ordered, and whom they paid, for weeks longer.',
      'AwsSolutions-SMG4': 'Another key would hide what is pending under the hashes of the old one.',
    });
  }

  /** The application reads and writes by user: no scan, no index, no other table. */
  grantApplication(role: iam.IRole): void {
    // Table.grant would allow the index as well, so the statement is written out.
    const actions = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:Query'];
    role.addToPrincipalPolicy(new iam.PolicyStatement({ actions, resources: [this.table.tableArn] }));
    this.secret.grantRead(role);
  }
}
