import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { OWN_LIVE_PATH } from '../../../infra/config/app-kind.ts';
import { InvalidRelease } from '../release-errors.ts';
import type { TomcatFleet } from './contract-of.ts';

const OURS = 'server/tomcat/files/conf/server.xml';

/**
 * Refuses a fleet's own server.xml without the valves that answer the contract's paths: without them no server would pass the health gate,
 * or the load balancer would find none healthy.
 *
 * @param folder the release, with its configuration
 * @throws InvalidRelease
 */
export async function checkServerXml({ app }: TomcatFleet, folder: string): Promise<void> {
  const text = (await readFile(path.join(folder, 'conf', 'server.xml'), 'utf8')).replace(/<!--[\s\S]*?-->/g, '');
  const has = (valve: string): boolean => text.includes(`"holdfast.${valve}"`);
  if (app.health.gate === undefined && !(has('StatusValve') && has('DeployGuard'))) {
    throw new InvalidRelease(
      `server.xml in app.conf has no holdfast.StatusValve and holdfast.DeployGuard, which answer the deploy's gate: add them as ${OURS} has them, or name a page of the application in app.health.gate.`,
    );
  }
  if (app.health.loadBalancer === OWN_LIVE_PATH && !has('LiveValve')) {
    throw new InvalidRelease(
      `server.xml in app.conf has no <Valve className="holdfast.LiveValve" path="${OWN_LIVE_PATH}"/>, which answers the load balancer: add it to the Engine, or name a path of the application in app.health.loadBalancer.`,
    );
  }
}
