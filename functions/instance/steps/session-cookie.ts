/** The cookie of a session of nobody, which a release begins on its server. */
import type { CookieRead, DocumentVersions } from '../document-contract.ts';
import type { InstanceCommands } from '../instance-commands.ts';
import { type ServerWork, sentCommand } from './server-step.ts';

type Ports = { readonly commands: Pick<InstanceCommands, 'sendObserve' | 'readObserve'> };

/** From sending until the command is overdue: the document makes a few requests. */
const LIMIT_SECONDS = 90;

/** @returns the command's id */
export const sendCookie = ({ commands }: Ports, instanceId: string, versions?: DocumentVersions): Promise<string> =>
  commands.sendObserve(instanceId, { attempts: '0', intervalSeconds: '0', confirmSeconds: '0', cookie: 'read' }, versions);

/** @param version the release that the server should have: another one's answer is none. @returns undefined while the document runs @throws CommandFailed */
export async function checkCookie({ commands }: Ports, step: ServerWork, version: string): Promise<CookieRead | undefined> {
  const sentAtMs = step.commandSentAtMs ?? step.phaseStartedAtMs;
  const answer = await commands.readObserve(sentCommand({ ...step, phaseStartedAtMs: sentAtMs }, LIMIT_SECONDS));
  if (answer?.cookieRead && answer.version !== version) return { reason: `its server has release ${answer.version} meanwhile` };
  return answer && (answer.cookieRead ?? { reason: 'its answer has no session cookie' });
}
