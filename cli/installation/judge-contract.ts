/** Whether commands of this version fit the installation that is deployed. Pure. */
import { CONTRACT, type InstallationParameter, type PartParameter } from '../../functions/installation/contract.ts';
import { holdfast } from '../../functions/shared/command-options.ts';
import { INCIDENTS_PART, STORE_PART } from '../../functions/shared/naming.ts';
import { capital } from '../../functions/shared/texts.ts';
import { IS_PACKAGE, OWN_VERSION } from '../../infra/own-files.ts';
import type { Cloud } from '../cloud.ts';

/** What an installation's parameter shows. `none`: there is no installation; `older`: one without a parameter; `unread`: unknown. */
export type Deployed =
  | ({ readonly state: 'known' } & InstallationParameter)
  | { readonly state: 'none' }
  | { readonly state: 'older' }
  | { readonly state: 'unread'; readonly reason: string };

/** What the parameter of a part shows that a command starts. `absent`: its stack was not deployed, or by an older version. */
export type DeployedPart =
  | ({ readonly state: 'known' } & PartParameter)
  | { readonly state: 'absent' }
  | { readonly state: 'unread'; readonly reason: string };

/** The contract differs, or may differ. */
export interface OtherContract {
  readonly problem: string;
  /** The ways out, as a sentence. */
  readonly remedy: string;
}

/**
 * @param deployed the installation, or with `part` that part of it @param isPackage its commands start no local cloud
 * @returns undefined where commands may change something, or where there is nothing to change
 */
export function judgeContract(
  deployed: Deployed | DeployedPart,
  { installation, fleet, local }: Pick<Cloud, 'installation' | 'fleet' | 'local'>,
  part?: string,
  isPackage = IS_PACKAGE,
): OtherContract | undefined {
  const whole = `installation ${installation}`;
  const of = part === undefined ? whole : `${partName(part)} of ${whole}`;
  const subject = capital(of);
  const own = `this is ${OWN_VERSION}, with contract ${CONTRACT}`;
  const again =
    local && !isPackage
      ? `start the local cloud again with this version, by "${holdfast('down')}" and "${holdfast('up')}"`
      : 'deploy the installation with this version, by "npx --no cdk deploy --all"';
  switch (deployed.state) {
    case 'none':
      return undefined;
    case 'known':
      if (deployed.contract === CONTRACT) return undefined;
      return {
        problem: `${subject} was deployed by Holdfast ${deployed.version}, with contract ${deployed.contract}; ${own}.`,
        remedy: `Run the command of Holdfast ${deployed.version}, or ${again}.`,
      };
    case 'older':
      return {
        problem: `Installation ${installation} has no contract: an older Holdfast deployed it, or it was taken down and its table remained; ${own}.`,
        remedy: `Run the command of the version that deployed it, or ${again}.`,
      };
    case 'absent':
      return {
        problem: `${subject} has no contract: ${PARTS[part ?? '']?.absent ?? `there is no such fleet, or its stack ${installation}-${part}-deploy was not deployed`}, or an older Holdfast deployed it; ${own}.`,
        remedy: `Run the command of the version that deployed it, or ${again}.`,
      };
    case 'unread':
      return {
        problem: `The contract of ${of} could not be read (${deployed.reason}); ${own}.`,
        remedy: `Attach one of the managed policies ${installation}-${fleet}-${fleet === STORE_PART ? '' : 'publisher, -'}operator and -reader as this version deploys them, or allow ssm:GetParameter; where an older version deployed the installation, run its command, or ${again}.`,
      };
  }
}

/** These parts of an installation are not fleets. */
const PARTS: Readonly<Record<string, { readonly name: string; readonly absent: string }>> = {
  [STORE_PART]: { name: 'what sweeps the store', absent: 'its stack was not deployed' },
  [INCIDENTS_PART]: {
    name: 'what works on incidents',
    absent: 'incidents.enabled is not true in its configuration, its stack was not deployed',
  },
};

/** A part in a sentence. @param part a fleet's name, STORE_PART or INCIDENTS_PART */
export const partName = (part: string): string => PARTS[part]?.name ?? `fleet ${part}`;
