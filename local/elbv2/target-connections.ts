/** Connections to targets: kept open between requests, one pool a target, and what is in flight on them. */
import { type AgentOptions, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Target, TargetGroup } from './resources.ts';

/** A request or a WebSocket that a target is serving. */
export interface InFlight {
  /** Ends it now: 502 when the client has not been answered yet, else the connection is closed. */
  cut(): void;
}

export interface TargetConnection {
  readonly agent: HttpAgent;
  readonly inFlight: Set<InFlight>;
}

export interface TargetConnections {
  of(group: TargetGroup, target: Target, idleMs: number): TargetConnection;
  outstanding(target: Target): number;
  /** Open connections to a target, idle ones included. */
  open(target: Target): number;
  /** Ends every request in flight and every connection to the target. */
  cut(target: Target): void;
  stop(): void;
}

export function createTargetConnections(): TargetConnections {
  const connections = new Map<Target, TargetConnection>();
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
        connection = { agent: createAgent(group.protocol, idleMs), inFlight: new Set() };
        connections.set(target, connection);
      }
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

function createAgent(protocol: TargetGroup['protocol'], idleMs: number): HttpAgent {
  const options: AgentOptions = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, maxFreeSockets: 1024, scheduling: 'lifo' };
  return protocol === 'HTTPS' ? new StubbornHttpsAgent(idleMs, options) : new StubbornHttpAgent(idleMs, options);
}

/**
 * A load balancer keeps idle connections for its own idle time-out and does not heed a target's `Keep-Alive: timeout`,
 * as Node's agent would: that is how a target with a shorter time-out comes to cause 502s.
 */
class StubbornHttpAgent extends HttpAgent {
  readonly #idleMs: number;
  constructor(idleMs: number, options: AgentOptions) {
    super(options);
    this.#idleMs = idleMs;
  }
  override keepSocketAlive(socket: Duplex): boolean {
    return keepFor(socket as Socket, this.#idleMs);
  }
}

/** Certificates of targets are not validated (user guide, load-balancer-target-groups: Routing configuration). */
class StubbornHttpsAgent extends HttpsAgent {
  readonly #idleMs: number;
  constructor(idleMs: number, options: AgentOptions) {
    super({ ...options, rejectUnauthorized: false });
    this.#idleMs = idleMs;
  }
  override keepSocketAlive(socket: Duplex): boolean {
    return keepFor(socket as Socket, this.#idleMs);
  }
}

function keepFor(socket: Socket, idleMs: number): boolean {
  socket.setTimeout(idleMs);
  return true;
}
