/**
 * The shell script that Holdfast replaces, step by step and with its own sleeps: deregister, 30 s, stop, swap and start,
 * poll the health path every 5 s until it is UP, register, 15 s. Only the load balancer's API and the way to reach the
 * server are the local cloud's.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** What the script does to one server. */
export interface ServerActions {
  /** `curl -X PUT …/status -d draining` */
  deregister(server: string): Promise<void>;
  /** `ssh … stop, cp, start`, by the document that Holdfast installs with. Settles when the server has been started. */
  install(server: string): Promise<void>;
  /** `curl http://SERVER:8080/health`; rejects, or returns anything but UP, while the server starts. */
  readHealth(server: string): Promise<string>;
  /** `curl -X PUT …/status -d active` */
  register(server: string): Promise<void>;
}

const DRAIN_MS = 30_000;
const HEALTH_POLL_MS = 5_000;
const STABILIZE_MS = 15_000;
/** The script polls without end; a benchmark ends. */
const MAX_POLLS = 60;

/** @throws Error when a server is never UP */
export async function runShellScript(servers: readonly string[], actions: ServerActions, pause: (ms: number) => Promise<unknown> = sleep) {
  for (const server of servers) {
    await actions.deregister(server);
    await pause(DRAIN_MS);
    await actions.install(server);
    for (let polls = 1; !(await actions.readHealth(server).catch(() => '')).includes('"status":"UP"'); polls += 1) {
      if (polls === MAX_POLLS) throw new Error(`${server} is not UP after ${polls} polls`);
      await pause(HEALTH_POLL_MS);
    }
    await actions.register(server);
    await pause(STABILIZE_MS);
  }
}
