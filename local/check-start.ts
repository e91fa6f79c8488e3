/** Checks the user's ports and server folder before anything is started. */
import { stat } from 'node:fs/promises';
import { readContract } from '../cli/release/read-contract.ts';
import { InvalidRelease } from '../cli/release/release-errors.ts';
import type { AppContract } from '../functions/shared/app-contract.ts';
import { PortError, portOrFree } from './aws/processes/free-port.ts';

/** 0 for a free one. */
export interface GivenPorts {
  readonly loadBalancerPort: number;
  readonly gatewayPort: number;
  readonly pagePort: number;
}

const OPTIONS = { loadBalancerPort: '--port', gatewayPort: '--gateway-port', pagePort: '--page-port' } as const;

/** @throws PortError naming the port and its option when one is taken, needs root, or is given twice */
export async function checkPorts(ports: GivenPorts): Promise<void> {
  const seen = new Map<number, string>();
  for (const [key, option] of Object.entries(OPTIONS) as [keyof GivenPorts, string][]) {
    const port = ports[key];
    if (port === 0) continue;
    const other = seen.get(port);
    if (other !== undefined) throw new PortError(port, `${other} and ${option} are both ${port}: choose two ports, or omit one option.`);
    seen.set(port, option);
    await portOrFree(port, option);
  }
}

/**
 * The contract of the server in `folder`.
 *
 * @throws InvalidRelease with one sentence
 */
export async function checkApp(folder: string): Promise<AppContract> {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw refused(folder, found ? 'it is not a folder' : 'it does not exist');
  try {
    return await readContract(folder);
  } catch (error) {
    if (error instanceof InvalidRelease) throw refused(folder, error.message.replace(/\.$/, ''));
    throw error;
  }
}

const refused = (folder: string, why: string): InvalidRelease =>
  new InvalidRelease(`--app ${folder} cannot be deployed: ${lowerFirst(why)}; nothing was started`);

const lowerFirst = (text: string): string => (/^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text);
