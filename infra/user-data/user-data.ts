/** The launch template's user data: settings as shell variables, then the script in user-data.sh. */
import { readFileSync } from 'node:fs';
import { Token } from 'aws-cdk-lib/core';

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
  /** Packages of Amazon Linux 2023 that a release needs to run. @default [] */
  readonly runtimePackages?: readonly string[];
  /** The server's earlier service on the port, which the first install stops. @default none */
  readonly replacesService?: string | undefined;
}

const PATTERNS = {
  host: /^[A-Za-z0-9.-]{0,255}$/,
  port: /^[0-9]{1,5}$/,
  user: /^[A-Za-z0-9._-]{0,128}$/,
  arn: /^(arn:[A-Za-z0-9:/_+=.@!-]{1,512})?$/,
  prefix: /^[A-Za-z0-9:_-]{0,100}$/,
  region: /^[a-z0-9-]{1,32}$/,
  service: /^([A-Za-z0-9@_.:-]{1,200}[.]service)?$/,
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

/**
 * User data of a fleet's instances, for the launch template in base64.
 *
 * @throws Error if a value could break out of the script
 */
export function fleetUserData(props: FleetUserDataProps): string {
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
    `store_key_prefix=${word('storeKeyPrefix', props.storeKeyPrefix ?? '', PATTERNS.prefix)}`,
    `replaces_service=${word('replacesService', props.replacesService ?? '', PATTERNS.service)}`,
    `runtime_packages='${packages.join(' ')}'`,
  ];
  const script = readFileSync(new URL('user-data.sh', import.meta.url), 'utf8');
  return ['#!/bin/bash', 'set -euo pipefail', ...settings, '', script].join('\n');
}
