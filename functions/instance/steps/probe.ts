/** A session of nobody, which one server writes and another one reads. */
import type { DocumentVersions, ObserveParameters, SessionProbed } from '../document-contract.ts';
import type { InstanceCommands } from '../instance-commands.ts';
import { type ServerWork, sentCommand } from './server-step.ts';

type Ports = { readonly commands: Pick<InstanceCommands, 'sendObserve' | 'readObserve'> };

/** From sending until the command is overdue: the document makes two or three requests, and asks for a secret. */
const LIMIT_SECONDS = 90;

/** @param sealed what the other server wrote; undefined: this one writes. @returns the command's id */
export function sendProbe(
  { commands }: Ports,
  instanceId: string,
  { probeSecret, sealed }: { readonly probeSecret: string | undefined; readonly sealed?: string | undefined },
  versions?: DocumentVersions,
): Promise<string> {
  const parameters: ObserveParameters = {
    ...{ attempts: '0', intervalSeconds: '0', confirmSeconds: '0' },
    probe: sealed === undefined ? 'write' : 'read',
    ...(probeSecret !== undefined && { probeSecret }),
    ...(sealed !== undefined && { sealed }),
  };
  return commands.sendObserve(instanceId, parameters, versions);
}

/** @param version the release that the server should have: another one's answer is none. @returns undefined while the document runs @throws CommandFailed */
export async function readProbe({ commands }: Ports, step: ServerWork, version: string): Promise<SessionProbed | undefined> {
  const sentAtMs = step.commandSentAtMs ?? step.phaseStartedAtMs;
  const answer = await commands.readObserve(sentCommand({ ...step, phaseStartedAtMs: sentAtMs }, LIMIT_SECONDS));
  if (answer?.probe && answer.version !== version) return { reason: `its server has release ${answer.version} meanwhile` };
  return answer && (answer.probe ?? { reason: 'its answer has no session probe' });
}
