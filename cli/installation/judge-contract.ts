/** Whether commands of this version fit the installation that is deployed. Pure. */
import { CONTRACT, type InstallationParameter } from '../../functions/installation/contract.ts';
import { OWN_VERSION } from '../../infra/own-files.ts';
import type { Cloud } from '../cloud.ts';

/** What an installation's parameter shows. `none`: there is no installation; `older`: one without a parameter; `unread`: unknown. */
export type Deployed =
  | ({ readonly state: 'known' } & InstallationParameter)
  | { readonly state: 'none' }
  | { readonly state: 'older' }
  | { readonly state: 'unread'; readonly reason: string };

/** The contract differs, or may differ. */
export interface OtherContract {
  /** A sentence. */
  readonly problem: string;
  /** The ways out, as a sentence. */
  readonly remedy: string;
}

/** @returns undefined where commands may change something, or where there is nothing to change */
export function judgeContract(
  deployed: Deployed,
  { installation, fleet, local }: Pick<Cloud, 'installation' | 'fleet' | 'local'>,
): OtherContract | undefined {
  const own = `this is ${OWN_VERSION}, with contract ${CONTRACT}`;
  const again = local
    ? 'start the local cloud again with this version, by "npx holdfast down" and "npx holdfast up"'
    : 'deploy the installation with this version, by "npx cdk deploy --all"';
  switch (deployed.state) {
    case 'none':
      return undefined;
    case 'known':
      if (deployed.contract === CONTRACT) return undefined;
      return {
        problem: `Installation ${installation} was deployed by Holdfast ${deployed.version}, with contract ${deployed.contract}; ${own}.`,
        remedy: `Run the command of Holdfast ${deployed.version}, or ${again}.`,
      };
    case 'older':
      return {
        problem: `Installation ${installation} has no contract: an older Holdfast deployed it; ${own}.`,
        remedy: `Run the command of the version that deployed it, or ${again}.`,
      };
    case 'unread':
      return {
        problem: `The contract of installation ${installation} could not be read (${deployed.reason}); ${own}.`,
        remedy: `Attach one of the managed policies ${installation}-${fleet}-publisher, -operator and -reader as this version deploys them, or allow ssm:GetParameter; where an older version deployed the installation, run its command, or ${again}.`,
      };
  }
}
