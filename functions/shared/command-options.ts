/** Account of the local cloud. Commands for it have no option `--region`, which would send them to AWS. */
export const LOCAL_ACCOUNT_ID = '000000000000';

/** A command as it is printed. `init` writes the file `holdfast`: before, there is the link that npm makes. */
export const holdfast = (words: string): string => `${/^init\b/.test(words) ? 'node_modules/.bin' : '.'}/holdfast ${words}`.trimEnd();

/** Where an installation is. */
export interface Installed {
  readonly local: boolean;
  readonly region: string;
  readonly installation: string;
}

/** What reaches a fleet again, or an installation without one. */
export const fleetOptions = (fleet: string | undefined, { local, region, installation }: Installed): string =>
  [...(fleet ? [`--fleet ${fleet}`] : []), ...(local ? [] : [`--region ${region} --installation ${installation}`])].join(' ');

/**
 * What each command about a fleet needs: `--fleet web --region eu-west-1 --installation live`.
 * @param arn of the fleet's deploy: its state machine or an execution
 */
export function commandOptions(arn: string, fleet: string): string {
  const place = placeOf(arn, fleet);
  return fleetOptions(fleet, { ...place, local: place.account === LOCAL_ACCOUNT_ID });
}

/** In the place of {@link commandOptions} where no ARN is at hand: the reader knows which installation it is about. */
export const OWN_OPTIONS = "with this installation's --region and --installation";

/** Where a fleet is: Region, account and installation. @param arn as for {@link commandOptions} */
export function placeOf(arn: string, fleet: string) {
  const [, , , region = '', account = '', , machine = ''] = arn.split(':');
  return { region, account, installation: machine.slice(0, -`-${fleet}-deploy`.length) };
}
