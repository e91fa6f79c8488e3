/** Connections to targets: kept open between requests, one pool a target, and what is in flight on them. */
import { type AgentOptions, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Target, TargetGroup } from '../resources.ts';

/** A request or a WebSocket that a target is serving. */
export interface InFlight {
  /** Ends it now: 502 when the client has not been answered yet, else the connection is closed. */
  cut(): void;
}

export interface TargetConnection {
  readonly agent: HttpAgent;
  readonly inFlight: Set<InFlight>;
  /** Whether the next request goes to a connection that the target has closed without the load balancer knowing yet. */
  takeUnnoticed(): boolean;
}

export interface TargetConnections {
  /** @param idleMs how long an idle connection to the target is kept, from now on */
  of(group: TargetGroup, target: Target, idleMs: number): TargetConnection;
  outstanding(target: Target): number;
  /** Open connections to a target, idle ones included. */
  open(target: Target): number;
  /** Ends every request in flight and every connection to the target. */
  cut(target: Target): void;
  stop(): void;
}

export function createTargetConnections(closeNoticeMs: number): TargetConnections {
  const connections = new Map<Target, TargetConnection & { idleMs: number }>();
  const create = (group: TargetGroup, idleMs: number): TargetConnection & { idleMs: number } => {
    /** Connections that the target has closed and that the load balancer still takes for open: until when. */
    const unnoticed: number[] = [];
    const made = {
      idleMs,
      inFlight: new Set<InFlight>(),
      takeUnnoticed: (): boolean => {
        const nowMs = performance.now();
        while (unnoticed[0] !== undefined && unnoticed[0] <= nowMs) unnoticed.shift();
        return unnoticed.length > 0 && count(agent.freeSockets) === 0 && unnoticed.pop() !== undefined;
      },
    };
    const closedByTarget = (): void => {
      if (closeNoticeMs > 0) unnoticed.push(performance.now() + closeNoticeMs);
    };
    const agent = createAgent(group.protocol, () => made.idleMs, closedByTarget);
    return Object.assign(made, { agent });
  };
  const cut = (target: Target): void => {
    const connection = connections.get(target);
    if (connection === undefined) return;
    connections.delete(target);
    for (const inFlight of [...connection.inFlight]) inFlight.cut();
    connection.agent.destroy();
  };
  return {
    of(group, target, idleMs) {
      let connection = connections.get(target);
      if (connection === undefined) {
        connection = create(group, idleMs);
        connections.set(target, connection);
      }
      connection.idleMs = idleMs;
      return connection;
    },
    outstanding: (target) => connections.get(target)?.inFlight.size ?? 0,
    open(target) {
      const agent = connections.get(target)?.agent;
      return agent === undefined ? 0 : count(agent.sockets) + count(agent.freeSockets);
    },
    cut,
    stop() {
      for (const target of [...connections.keys()]) cut(target);
    },
  };
}

const count = (sockets: Readonly<Record<string, readonly Socket[] | undefined>>): number =>
  Object.values(sockets).reduce((sum, list) => sum + (list?.length ?? 0), 0);

const POOL: AgentOptions = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, maxFreeSockets: 1024, scheduling: 'lifo' };

/**
 * A load balancer keeps idle connections for its own idle time-out and does not heed a target's `Keep-Alive: timeout`,
 * as Node's agent would: that is how a target with a shorter time-out comes to cause 502s.
 *
 * @param closedByTarget called when the target has closed an idle connection
 */
function createAgent(protocol: TargetGroup['protocol'], idleMs: () => number, closedByTarget: () => void): HttpAgent {
  // Certificates of targets are not validated (user guide, load-balancer-target-groups: Routing configuration).
  const agent = protocol === 'HTTPS' ? new HttpsAgent({ ...POOL, rejectUnauthorized: false }) : new HttpAgent(POOL);
  const idle = new WeakSet<Duplex>();
  const watched = new WeakSet<Duplex>();
  agent.keepSocketAlive = (socket: Duplex): boolean => {
    (socket as Socket).setTimeout(idleMs());
    idle.add(socket);
    if (!watched.has(socket)) {
      watched.add(socket);
      // The load balancer's own time-out: what closes now is not the target's doing.
      socket.prependListener('timeout', () => idle.delete(socket));
      socket.once('close', () => {
        if (idle.has(socket)) closedByTarget();
      });
    }
    return true;
  };
  const reuse = agent.reuseSocket.bind(agent);
  agent.reuseSocket = (socket, request) => {
    idle.delete(socket);
    reuse(socket, request);
  };
  return agent;
}
