/** The construct that creates an installation in the user's own CDK app. */

import { createRequire } from 'node:module';
import { type IStackSynthesizer, type aws_iam as iam, type Stack, Stage, type aws_sns as sns, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { isRecord } from '../functions/shared/json.ts';
import { buildApp } from './build-app.ts';
import { InvalidConfiguration, parseContent, readConfig } from './config.ts';
import { OWN_MANIFEST } from './own-files.ts';

export { SessionGate, type SessionGateProps } from './session-gate.ts';

export interface HoldfastProps {
  /**
   * The configuration of the installation: a file, or its content. In the content these can be tokens of the CDK, such as another stack's
   * `vpc.vpcId`: `network.existing.vpcId`, `webSubnetIds` and `storeSubnetIds`, and of a fleet's `existing` `instanceIds`,
   * `instanceSecurityGroupId` and `loadBalancerSecurityGroupId`, and the existing store's `securityGroupId`. Then `account` is required,
   * here or in the stage, and the stack that the tokens are of has the same account and Region in its `env`.
   *
   * `account` and `region` are by default those of the stage that the construct is in; others than the stage's are refused.
   * The package's `docs/configuration.md` and `holdfast.schema.json` have its keys.
   */
  readonly config: string | Readonly<Record<string, unknown>>;
  /** @default the app's; with `"credentials": "cli"` the caller's own credentials, without bootstrap roles */
  readonly synthesizer?: IStackSynthesizer;
}

/** What other stacks of the app can use of one fleet. */
export interface HoldfastFleet {
  /** Lets its holder publish releases; it allows neither deploying nor reading. */
  readonly publisherPolicy: iam.IManagedPolicy;
  /** Lets its holder start and stop deploys, sweeps and runbooks, and read. */
  readonly operatorPolicy: iam.IManagedPolicy;
  /** Lets its holder read alone. */
  readonly readerPolicy: iam.IManagedPolicy;
  /** Receives the end of each deploy. */
  readonly deploysTopic: sns.ITopic;
}

/** What other stacks of the app can use of a store whose sessions no fleet deploys. */
export interface HoldfastStore {
  /** Lets its holder start sweeps and runbooks, decide about mitigations, and read. */
  readonly operatorPolicy: iam.IManagedPolicy;
  /** Lets its holder read alone. */
  readonly readerPolicy: iam.IManagedPolicy;
}

/**
 * An installation of Holdfast. Its stacks are created next to this construct, in `scope`, with names and feature flags of their own;
 * no other stack of the app is changed.
 * @throws InvalidConfiguration with every rule that the configuration breaks
 */
export class Holdfast extends Construct {
  /** The installation's stacks. */
  readonly stacks: readonly Stack[];
  /** Receives every alarm. */
  readonly alarmsTopic: sns.ITopic;
  /** The fleets by their names. */
  readonly fleets: Readonly<Record<string, HoldfastFleet>>;
  /** With store.sessions. */
  readonly store: HoldfastStore | undefined;

  /** @param scope an app or a stage */
  constructor(scope: Construct, id: string, props: HoldfastProps) {
    super(scope, id);
    const problem = versionProblem({ [NODE]: OWN_MANIFEST.engines.node, ...OWN_MANIFEST.peerDependencies }, versionOf);
    if (problem) throw new Error(problem);
    const { config, synthesizer } = props;
    const source = typeof config === 'string' ? config : `the configuration of ${this.node.path}`;
    const complete = (written: unknown): unknown => inStage(this, written, source);
    const { stacks, alarmsTopic, deploys, storePolicies } = buildApp(
      scope,
      typeof config === 'string' ? readConfig(config, complete) : parseContent(complete(config), source),
      synthesizer,
    );
    this.stacks = stacks;
    this.alarmsTopic = alarmsTopic;
    this.store = storePolicies && { operatorPolicy: storePolicies.operator, readerPolicy: storePolicies.reader };
    this.fleets = Object.fromEntries(
      Object.entries(deploys).map(([name, { policies, deploysTopic }]) => [
        name,
        { publisherPolicy: policies.publisher, operatorPolicy: policies.operator, readerPolicy: policies.reader, deploysTopic },
      ]),
    );
  }
}

const NODE = 'Node.js';
const require = createRequire(import.meta.url);
const versionOf = (name: string): string => (name === NODE ? process.versions.node : require(`${name}/package.json`).version);

/**
 * What is too old for the construct, as a sentence: npm compares versions only where it is not forced. Pure.
 * @param needed ranges by name
 */
export function versionProblem(needed: Readonly<Record<string, string>>, found: (name: string) => string): string | undefined {
  const isOld = ([name, range]: [string, string]) =>
    found(name).localeCompare(/[\d.]+/.exec(range)?.[0] ?? '0', 'en', { numeric: true }) < 0;
  const [name, range] = Object.entries(needed).find(isOld) ?? [];
  return (
    name &&
    `The constructs of Holdfast need ${name} ${range}, and this is ${found(name)}. Nothing was synthesized. Install a newer version.`
  );
}

/**
 * What was written of a configuration, with the account and the Region of the stage that `scope` is in.
 * @throws InvalidConfiguration when it names others than the stage, or has tokens and no account
 */
function inStage(scope: Construct, written: unknown, source: string): unknown {
  if (!isRecord(written)) return written;
  const { account, region } = Stage.of(scope) ?? {};
  const config: Record<string, unknown> = { ...written };
  for (const [key, of] of Object.entries({ account, region })) {
    if (of === undefined || Token.isUnresolved(of)) continue;
    if (config[key] !== undefined && config[key] !== of)
      throw new InvalidConfiguration(
        `${source} is not valid:\n  ${key} (${JSON.stringify(config[key])}): the stage that the construct is in has ${JSON.stringify(of)}: write the same, or leave it out`,
      );
    config[key] = of;
  }
  if (config['account'] === undefined && JSON.stringify(config).includes('${Token['))
    throw new InvalidConfiguration(
      `${source} is not valid:\n  account (absent): is required where ids are tokens of the CDK: the stack that has them needs the same account and Region in its env`,
    );
  return config;
}
