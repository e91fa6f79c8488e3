import { type CopiesSeen, copiesSeen } from '../../instance/steps/sessions.ts';
import { type AskingPorts, type AskServers, askServers } from './ask-servers.ts';

/** What a request has changed reaches the other servers at its end: a session can be alone for a moment. */
const AGAIN_AFTER_MS = 5_000;

/**
 * How many sessions of each server no other one holds, and why. A server that has not said 0 is asked once more some seconds later, and
 * what it says then counts. The second question has as much time as the first: a server that is silent takes none from the others.
 */
export const compareCopies = (ports: AskingPorts): AskServers<CopiesSeen> => {
  const ask = askServers(ports, { sessions: 'copies', read: copiesSeen });
  return async (instanceIds, endMs) => {
    const { now, polling } = ports;
    const first = await ask(instanceIds, now() + Math.max(0, endMs - now() - AGAIN_AFTER_MS) / 2);
    const open = instanceIds.filter((instanceId) => !isHeld(first.get(instanceId)));
    if (open.length === 0 || now() + AGAIN_AFTER_MS >= endMs) return first;
    await polling.pause(AGAIN_AFTER_MS);
    return new Map([...first, ...(await ask(open, endMs))]);
  };
};

const isHeld = (seen: CopiesSeen | undefined): boolean => seen?.placeholder === true || seen?.alone === 0;
