import { judgeZones, listed } from '../../functions/checks/watching.ts';
import { holdfast } from '../../functions/shared/command-options.ts';
import { FILL_IN, unfilledValues } from '../../infra/config/explain-issue.ts';
import { parseContent } from '../../infra/config.ts';
import type { Lookup } from '../doctor/lookup.ts';
import { badInput } from '../failure.ts';
import type { Output } from '../output.ts';
import { requireRegion } from '../require-region.ts';
import { zonesOfAccount } from './read-zones.ts';
import { refuseTaken, takenInAccount } from './refuse-taken.ts';
import { type AppPlace, prepareApp } from './write-app.ts';

export interface InitPlace extends AppPlace {
  /** Looks up the zones of the caller's account in a Region. */
  readonly zonesOf?: (region: string) => Promise<Lookup<readonly string[]>>;
  /** Looks up whether a stack has resources there. */
  readonly isTaken?: (stack: string, region: string) => Promise<Lookup<boolean>>;
}

/**
 * Writes a CDK app with an installation of Holdfast into `folder`. A package.json that is there gets what it lacks; nothing is replaced.
 * @throws CommandFailure FileExists, InvalidPackage, InvalidOption, NoTarball, InstallationExists, NoZones; nothing is written then
 */
export async function init(
  options: InitOptions,
  output: Output,
  { zonesOf = zonesOfAccount, isTaken = takenInAccount, ...place }: InitPlace = {},
): Promise<void> {
  const { existing = false, installation } = options;
  const toWrite = initialConfig(options);
  // What is to be filled in is not valid yet; the rest is checked with a fleet that needs nothing.
  const checked = existing ? initialConfig({ ...options, existing: false, allowPlainHttp: true }) : toWrite;
  const { region, zones: byDefault } = parseContent(checked, 'the configuration to write');
  await requireRegion(region);
  const writeApp = await prepareApp(place);
  const [notes, found] = await Promise.all([
    refuseTaken({ installation, region }, (stack) => isTaken(stack, region)),
    existing ? undefined : zonesOf(region),
  ]);
  const zones = found && chooseZones(region, byDefault, found);
  const written = await writeApp(initialConfig(options, zones?.written));
  const unfilled = unfilledValues(toWrite).map(({ path: key }) => key);
  output.result({ written, ...(zones && { zones: zones.found }), ...(existing && { unfilled }), notes }, () =>
    [
      `wrote ${written.join(', ')}`,
      ...(zones ? [zones.line] : []),
      ...notes,
      ...nextLines(unfilled),
      '      npx --no cdk synth --quiet',
      '      npx --no cdk bootstrap    (once per account and Region)',
      '      npx --no cdk deploy --all',
    ].join('\n'),
  );
}

/** A synthesis refuses what is not filled in. */
const nextLines = (unfilled: readonly string[]): readonly string[] =>
  unfilled.length === 0
    ? ['Next: npm install']
    : [
        'Next: fill in in holdfast.config.json',
        ...unfilled.map((key) => `        ${key}`),
        '      npm install',
        `      ${holdfast('config validate')}`,
      ];

/** The configuration that `holdfast init` writes. Pure. */

export interface InitOptions {
  readonly certificateArn?: string;
  readonly existing?: boolean;
  readonly allowPlainHttp?: boolean;
  readonly region?: string;
  readonly installation?: string;
  readonly fleet?: string;
}

const DEFAULT_REGION = 'us-east-1';
const DEFAULT_FLEET = 'web';

/**
 * @param zones of the created network, where they are not the default ones
 * @throws CommandFailure InvalidOption unless exactly one way to serve is named
 */
export function initialConfig(options: InitOptions, zones?: readonly string[]): Record<string, unknown> {
  const { certificateArn, existing = false, allowPlainHttp = false } = options;
  const ways = [certificateArn !== undefined, existing, allowPlainHttp].filter(Boolean).length;
  if (ways !== 1) {
    throw badInput(
      'InvalidOption',
      'One of --certificate-arn ARN, --existing and --allow-plain-http is needed, and only one. Nothing was written. The first creates an HTTPS listener; with the second you fill in your own load balancer, network and servers.',
    );
  }
  const region = options.region ?? certificateArn?.split(':')[3] ?? DEFAULT_REGION;
  const fleet = certificateArn !== undefined ? { certificateArn } : allowPlainHttp ? { allowPlainHttp } : EXISTING_FLEET;
  return {
    $schema: './node_modules/holdfast/holdfast.schema.json',
    ...(options.installation !== undefined && { installation: options.installation }),
    region,
    ...(zones && { zones }),
    ...(existing && { network: EXISTING_NETWORK }),
    fleets: { [options.fleet ?? DEFAULT_FLEET]: fleet },
  };
}

/** What only the user knows: a synthesis refuses each by name until it is filled in. */
const EXISTING_NETWORK = {
  existing: {
    vpcId: `${FILL_IN}the VPC of the servers, vpc-…`,
    webSubnetIds: [`${FILL_IN}a subnet of the load balancer, subnet-…`, `${FILL_IN}one in another zone, subnet-…`],
    storeSubnetIds: [`${FILL_IN}a subnet for the session store, subnet-…`, `${FILL_IN}one in another zone, subnet-…`],
  },
};

const EXISTING_FLEET = {
  existing: {
    targetGroupArn: `${FILL_IN}the target group of the servers, arn:…:targetgroup/…`,
    loadBalancerArn: `${FILL_IN}their load balancer, arn:…:loadbalancer/app/…`,
    autoScalingGroupName: `${FILL_IN}their Auto Scaling group`,
    instanceRoleName: `${FILL_IN}the role of their instance profile, without its path`,
    instanceSecurityGroupId: `${FILL_IN}their security group, sg-…`,
  },
};

export interface ChosenZones {
  /** What the configuration gets; undefined where its default is right, or could not be checked. */
  readonly written?: readonly string[];
  /** Letters of the account's zones; undefined if they could not be read. */
  readonly found?: readonly string[];
  /** Printed for people. */
  readonly line: string;
}

/** @throws CommandFailure NoZones when the account has fewer than two */
export function chooseZones(region: string, byDefault: readonly string[], found: Lookup<readonly string[]>): ChosenZones {
  if (found.state !== 'known') {
    const why = found.state === 'unknown' ? found.reason : 'AWS has no such list';
    return {
      line: `The zones of ${region} were not checked: ${why}. The configuration has ${listed(byDefault)}; "${holdfast('doctor')}" finds those that your account does not have.`,
    };
  }
  const { missing, instead } = judgeZones(byDefault, found.value);
  if (instead.length < 2)
    throw badInput(
      'NoZones',
      `The account has ${found.value.length === 0 ? 'no zone' : `only zone ${listed(found.value)}`} in ${region}, and Holdfast needs two. Nothing was written. Choose another Region with --region.`,
    );
  const line = `zones of this account in ${region}: ${listed(found.value)}`;
  if (missing.length === 0) return { found: found.value, line };
  return {
    written: instead,
    found: found.value,
    line: `${line}; it does not have ${listed(missing)}, so the configuration has ${listed(instead)}`,
  };
}
