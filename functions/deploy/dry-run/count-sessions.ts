import { type SessionsSeen, sessionsSeen } from '../../instance/steps/sessions.ts';
import { type AskingPorts, type AskServers, askServers } from './ask-servers.ts';

/** The sessions in the memory of each server, and how a listener rule knows them. */
export const countSessions = (ports: AskingPorts): AskServers<SessionsSeen> => askServers(ports, { sessions: 'known', read: sessionsSeen });
