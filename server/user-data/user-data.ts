/**
 * The launch template's user data: settings as shell variables, which CloudFormation fills in, then the script in user-data.sh, packed.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
 */
import { readFileSync } from 'node:fs';
import { Token } from 'aws-cdk-lib/core';
import { CODE_DEPLOY_NAME } from '../../functions/shared/app-contract.ts';
import { KEY_PREFIX } from '../../functions/sweep/contract/settings.ts';
import { HOW_TO_READ, packed, scriptOf } from '../documents/join-python.ts';

/** What a server without a release answers with. */
export interface PlaceholderProps {
  readonly installation: string;
  readonly fleetName: string;
  /** Path of the load balancer's health check; undefined for a target group that Holdfast did not create. */
  readonly healthPath?: string | undefined;
}

export interface FleetUserDataProps {
  /** Port that the server listens on. */
  readonly port: number;
  /** Host name of the session store; empty for a fleet with sessions in memory. */
  readonly storeHost: string;
  readonly storePort: number | string;
  readonly storeTls: boolean;
  /** The application's user at the store. */
  readonly storeUser: string;
  /** Secret with JSON `{"username", "password"}`; empty if the store needs no password. */
  readonly storeSecretArn: string;
  /** The application's keys begin with this. @default not set */
  readonly storeKeyPrefix?: string;
  readonly region: string;
  /** The application's process can use the server's role. @default false */
  readonly awsAccess?: boolean;
  /** Table of the application's critical actions, and the secret with the key that hashes their users. @default none */
  readonly criticalActions?: { readonly tableName: string; readonly secretArn: string } | undefined;
  /** Parameter with the list of the application's variables. @default none */
  readonly environmentParameter?: string | undefined;
  /** Packages of Amazon Linux 2023 that a release needs to run. @default [] */
  readonly runtimePackages?: readonly string[];
  /** The server's earlier service on the port, which the first install stops. @default none */
  readonly replacesService?: string | undefined;
  /** Of a fleet of CodeDeploy bundles, whose servers have their own service: the names that its scripts read. @default Holdfast's service */
  readonly bundlesOf?: { readonly application: string; readonly group: string } | undefined;
  /** What a server that Holdfast launches answers until its first release. @default the server has another service, or none, until its first release */
  readonly placeholder?: PlaceholderProps | undefined;
}

/** Maximum time to install all packages: a Java runtime on a small instance takes minutes, on a slow mirror a multiple of that. */
const PACKAGES_SECONDS = 900;
/** On an existing server a document runs the script, which ends after 240 s (prepare.ts). */
const PACKAGES_SECONDS_OF_DOCUMENT = 200;

const PATTERNS = {
  host: /^[A-Za-z0-9.-]{0,255}$/,
  port: /^[0-9]{1,5}$/,
  user: /^[A-Za-z0-9._-]{0,128}$/,
  arn: /^(arn:[A-Za-z0-9:/_+=.@!-]{1,512})?$/,
  parameter: /^([/][A-Za-z0-9/_.-]{1,200})?$/,
  prefix: KEY_PREFIX,
  region: /^[a-z0-9-]{1,32}$/,
  service: /^([A-Za-z0-9@_.:-]{1,200}[.]service)?$/,
  // No quotes, blanks or backslashes: it becomes a JSON text.
  path: /^([/][!#-&(-[\]-~]*)?$/,
  name: /^[a-z][a-z0-9-]{0,63}$/,
  ofCodeDeploy: CODE_DEPLOY_NAME,
  table: /^[a-zA-Z0-9_.-]{0,255}$/,
  package: /^[a-zA-Z0-9][a-zA-Z0-9._+-]{0,99}$/,
} as const;

/**
 * A value as one shell word. Values that CloudFormation fills in later cannot be checked here; they are AWS's names, which
 * contain no quotes.
 *
 * @throws Error quoting a value that does not match its pattern
 */
function word(name: string, value: string | number, pattern: RegExp): string {
  if (Token.isUnresolved(value)) return `'${typeof value === 'number' ? Token.asString(value) : value}'`;
  if (!pattern.test(String(value)))
    throw new Error(`user data: ${name} is ${JSON.stringify(value)}, which does not match ${String(pattern)}`);
  return `'${value}'`;
}

/** For the launch template, in base64. @throws Error if a value could break out of the script */
export function fleetUserData(props: FleetUserDataProps): string {
  const { placeholder, criticalActions, bundlesOf } = props;
  const packages = (props.runtimePackages ?? []).map((name) => word('runtimePackages', name, PATTERNS.package).slice(1, -1));
  const settings = [
    `port=${word('port', props.port, PATTERNS.port)}`,
    `region=${word('region', props.region, PATTERNS.region)}`,
    `store_host=${word('storeHost', props.storeHost, PATTERNS.host)}`,
    `store_port=${word('storePort', props.storePort, PATTERNS.port)}`,
    `store_tls='${props.storeTls}'`,
    `store_user=${word('storeUser', props.storeUser, PATTERNS.user)}`,
    `store_secret_arn=${word('storeSecretArn', props.storeSecretArn, PATTERNS.arn)}`,
    `aws_access='${props.awsAccess ?? false}'`,
    `critical_actions_table=${word('criticalActions.tableName', criticalActions?.tableName ?? '', PATTERNS.table)}`,
    `critical_actions_secret_arn=${word('criticalActions.secretArn', criticalActions?.secretArn ?? '', PATTERNS.arn)}`,
    `environment_parameter=${word('environmentParameter', props.environmentParameter ?? '', PATTERNS.parameter)}`,
    `store_key_prefix=${props.storeKeyPrefix ? word('storeKeyPrefix', props.storeKeyPrefix, PATTERNS.prefix) : "''"}`,
    `replaces_service=${word('replacesService', props.replacesService ?? '', PATTERNS.service)}`,
    `runtime_packages='${packages.join(' ')}'`,
    `packages_seconds=${placeholder ? PACKAGES_SECONDS : PACKAGES_SECONDS_OF_DOCUMENT}`,
    ...(placeholder ? placeholderSettings(placeholder) : []),
    ...(bundlesOf ? Object.entries(bundlesOf).map(([name, value]) => `of_${name}=${word(name, value, PATTERNS.ofCodeDeploy)}`) : []),
  ];
  const created = ['begin.sh', ...(placeholder ? ['placeholder.sh'] : []), 'packages.sh', ...(bundlesOf ? [] : ['user-data.sh'])];
  const parts = [...(bundlesOf && !placeholder ? ['bundle.sh'] : created), 'settings.sh'];
  const script = packed(parts.map(part).join('\n'));
  return [
    '#!/bin/bash',
    'set -euo pipefail',
    ...settings,
    HOW_TO_READ,
    `script=$(echo ${script} | base64 -d | gzip -d)`,
    'eval "$script"',
    '',
  ].join('\n');
}

function placeholderSettings({ installation, fleetName, healthPath }: PlaceholderProps): string[] {
  return [
    `installation=${word('installation', installation, PATTERNS.name)}`,
    `fleet=${word('fleet', fleetName, PATTERNS.name)}`,
    `health_path=${word('healthPath', healthPath ?? '', PATTERNS.path)}`,
  ];
}

/** One file of the script: a line `@NAME.py` is replaced by that file of server/documents. Lines of comments are left out. */
function part(name: string): string {
  const text = readFileSync(new URL(name, import.meta.url), 'utf8');
  return text.replace(/^@(\w+)\.py\n/gm, (_, module: string) => scriptOf(module)).replace(/^ *#(?!!).*\n/gm, '');
}
