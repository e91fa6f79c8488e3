import {
  CustomResource,
  Duration,
  type aws_dynamodb as dynamodb,
  aws_lambda as lambda,
  Stack,
  aws_ssm as ssm,
  aws_stepfunctions as stepfunctions,
} from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import {
  CONTRACT,
  type InstallationParameter,
  type PartParameter,
  type RecordedProperties,
} from '../../functions/installation/contract.ts';
import { recordKeys } from '../../functions/records/keys.ts';
import { contractParameterName, functionName, installationParameterName } from '../../functions/shared/naming.ts';
import type { HoldfastConfig } from '../config.ts';
import { OWN_VERSION } from '../own-files.ts';
import { HoldfastFunction } from './holdfast-function.ts';
import { installationRecord } from './records-table.ts';

/**
 * Writes the contract number of one stack's state machines and functions, after all of them: while an installation's stacks are updated one
 * after the other, or after one failed to update, commands see from it which contract the part really has. Call it when the stack has all
 * of its resources.
 * @param part a fleet's name, STORE_PART or INCIDENTS_PART
 */
export function writePartContract(stack: Stack, installation: string, part: string): void {
  const value: PartParameter = { contract: CONTRACT, version: OWN_VERSION };
  const parameter = new StringParameter(stack, 'Contract', {
    parameterName: contractParameterName(installation, part),
    description: `Contract of what commands start of ${part} in ${installation}`,
    stringValue: JSON.stringify(value),
  });
  const started = stack.node.findAll().filter((one) => one instanceof lambda.CfnAlias || one instanceof stepfunctions.CfnStateMachine);
  parameter.node.addDependency(...started);
}

/** A key that is not listed is not recorded: free text, such as options of Java, can have passwords. */
const RECORDED = {
  installation: [
    ...['installation', 'account', 'region', 'zones', 'network', 'store', 'sweep', 'watch', 'incidents'],
    ...['retention', 'logRetentionDays', 'fleets'],
  ],
  fleet: [
    ...['port', 'strategy', 'awsAccess', 'app', 'deploy', 'sessions', 'incidents', 'members', 'existing'],
    ...['instanceType', 'runtimePackages', 'minCapacity', 'maxCapacity'],
    ...['healthPath', 'healthStatus', 'healthCheckIntervalSeconds', 'healthCheckTimeoutSeconds'],
    ...['healthyThreshold', 'unhealthyThreshold', 'certificateArn', 'allowPlainHttp'],
  ],
  /** What commands need of an application. To make releases from it, they need the configuration file itself. */
  app: [
    ...['kind', 'home', 'archive', 'health', 'sessionManager', 'libraries', 'leastJava', 'statusPort'],
    ...['readinessPath', 'healthPath', 'healthStatus', 'port', 'session', 'sessions'],
  ],
} as const;

const only = (keys: readonly string[], value: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([key]) => keys.includes(key)));

/** The configuration, as far as commands need it. */
export function recordedConfig(config: HoldfastConfig): Record<string, unknown> {
  const fleets = Object.entries(config.fleets).map(([name, fleet]) => {
    const { app } = fleet;
    return [name, { ...only(RECORDED.fleet, fleet), ...(app && { app: only(RECORDED.app, app) }) }];
  });
  return { ...only(RECORDED.installation, config), fleets: Object.fromEntries(fleets) };
}

/** 31 s until IAM allows the call, three attempts of 12 s, and three of 10 s to answer CloudFormation: 97 s. */
const LIMIT = Duration.minutes(2);

export interface DeployedInstallationProps {
  readonly config: HoldfastConfig;
  readonly records: dynamodb.Table;
}

/**
 * What commands find the installation by: a parameter with the contract number, and a record with the configuration, in which tokens
 * have their values. The parameter changes after the record. What commands start is in stacks that are deployed later: see {@link writePartContract}.
 */
export class DeployedInstallation extends Construct {
  constructor(scope: Construct, id: string, { config, records }: DeployedInstallationProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const { installation } = config;
    const fn = new HoldfastFunction(this, 'Record', {
      functionName: functionName(installation, 'releases', 'record'),
      description: `Records the configuration of ${installation} when its stack is deployed`,
      entry: 'functions/installation/handler.ts',
      environment: {},
      timeout: LIMIT,
    });
    fn.allow(['dynamodb:PutItem'], [records.tableArn], installationRecord());
    const properties: RecordedProperties = {
      TableName: records.tableName,
      Contract: String(CONTRACT),
      Version: OWN_VERSION,
      Configuration: stack.toJsonString({ ...recordedConfig(config), account: stack.account }),
    };
    const recorded = new CustomResource(this, 'Recorded', {
      resourceType: 'Custom::Installation',
      serviceToken: fn.function.functionArn,
      serviceTimeout: LIMIT.plus(Duration.minutes(1)),
      properties: { ...properties },
    });
    const value: Omit<InstallationParameter, 'configuration'> & { readonly configuration: object } = {
      contract: CONTRACT,
      version: OWN_VERSION,
      configuration: { table: records.tableName, ...recordKeys.installation() },
    };
    const parameter = new ssm.StringParameter(this, 'Parameter', {
      parameterName: installationParameterName(installation),
      description: `Contract of ${installation}, and where its configuration is`,
      stringValue: stack.toJsonString(value),
    });
    parameter.node.addDependency(recorded);
  }
}
