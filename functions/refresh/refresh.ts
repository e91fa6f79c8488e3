import { begin } from './begin.ts';
import type { RefreshReply, RefreshRequest } from './contract.ts';
import { check, finish, tidy } from './finish.ts';
import type { RefreshPorts } from './ports.ts';
import { nextServer, stepOnServer } from './replace-server.ts';

/** Replaces a fleet's outdated servers one at a time, without cutting a session, while it holds the fleet's lock. */
export function createRefresh(ports: RefreshPorts): (request: RefreshRequest) => Promise<RefreshReply> {
  return async (request) => {
    switch (request.step) {
      case 'begin':
        return begin(ports, request);
      case 'next':
        return nextServer(ports, request);
      case 'finish':
        return finish(ports, request);
      case 'tidy':
        return tidy(ports, request.refreshId);
      case 'check':
        return check(ports);
      default:
        return stepOnServer(ports, request);
    }
  };
}
