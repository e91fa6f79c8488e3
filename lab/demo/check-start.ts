/** Checks the user's ports before anything is started. */
import { PortError, portOrFree } from '../processes/free-port.ts';

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
  }
  for (const [port, option] of seen) await portOrFree(port, option);
}
