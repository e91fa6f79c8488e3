/** Where the console reads, and whether its caller may change anything there. */
import { DRY_RUN_ROLE } from '../functions/deploy/dry-run/contract.ts';
import { incidentsFunctionName } from '../functions/incidents/contract/environment.ts';
import { DO_ROLE } from '../functions/incidents/do/contract.ts';
import { functionName, policyName, STORE_PART } from '../functions/shared/naming.ts';
import type { Backend, ConsoleCloud } from './backend.ts';

export interface PlaceView {
  /** `account 111122223333, eu-central-1, installation holdfast, fleet web` */
  readonly title: string;
  /** Why there are no buttons, in one sentence; absent where there are. */
  readonly readOnly?: string;
}

export async function readPlace({ cloud, mayInvoke }: Pick<Backend, 'cloud' | 'mayInvoke'>): Promise<PlaceView> {
  const asked = operatorsFunction(cloud);
  const answer = await mayInvoke(`${asked}:live`);
  const policy = policyName(cloud.installation, cloud.fleet, 'operator');
  const readOnly = {
    allowed: undefined,
    denied: `There are no buttons: the current credentials do not allow lambda:InvokeFunction of ${asked}, as the managed policy ${policy} does.`,
    missing: `There are no buttons: ${asked} does not exist, so this fleet is not deployed here.`,
  }[answer];
  return { title: placeTitle(cloud), ...(readOnly !== undefined && { readOnly }) };
}

export const placeTitle = ({ account, local, region, installation, fleet }: ConsoleCloud): string =>
  `account ${account}${local ? ' (local)' : ''}, ${region}, installation ${installation}, ${fleet === STORE_PART ? 'session store' : `fleet ${fleet}`}`;

/** What a reader may see and this caller may not, in one sentence. */
export const notShown = (what: string, action: string, { installation, fleet }: ConsoleCloud): string =>
  `${what} are not shown: the current credentials do not allow ${action}, as the managed policy ${policyName(installation, fleet, 'reader')} does.`;

/** A function that operators alone may invoke: of a fleet that of its dry runs. */
const operatorsFunction = ({ installation, fleet }: ConsoleCloud): string =>
  fleet === STORE_PART ? incidentsFunctionName(installation, DO_ROLE) : functionName(installation, fleet, DRY_RUN_ROLE);
