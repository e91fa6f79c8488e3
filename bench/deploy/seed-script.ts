/**
 * The shell script that Holdfast replaces, step by step and with its own sleeps: out of the load balancer, 30 s, stop and
 * swap and start, asked every 5 s until UP, back in, 15 s. Only the load balancer's API and the way to the server's
 * machine are the local cloud's.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** What the script does to one server. */
export interface ServerActions {
  /** `curl -X PUT …/status -d draining` */
  takeOut(server: string): Promise<void>;
  /** `ssh … stop, cp, start`: by the same document that Holdfast installs with. Settles when the server was started. */
  install(server: string): Promise<void>;
  /** `curl http://SERVER:8080/health`; rejects or answers something else while the server starts. */
  askHealth(server: string): Promise<string>;
  /** `curl -X PUT …/status -d active` */
  putBack(server: string): Promise<void>;
}

const DRAIN_MS = 30_000;
const HEALTH_POLL_MS = 5_000;
const STABILIZE_MS = 15_000;
/** The script asks for ever; a benchmark ends. */
const MOST_QUESTIONS = 60;

/** @throws Error when a server is never UP */
export async function runSeedScript(servers: readonly string[], actions: ServerActions, pause: (ms: number) => Promise<unknown> = sleep) {
  for (const server of servers) {
    await actions.takeOut(server);
    await pause(DRAIN_MS);
    await actions.install(server);
    for (let asked = 1; !(await actions.askHealth(server).catch(() => '')).includes('"status":"UP"'); asked += 1) {
      if (asked === MOST_QUESTIONS) throw new Error(`${server} is not UP after ${asked} questions`);
      await pause(HEALTH_POLL_MS);
    }
    await actions.putBack(server);
    await pause(STABILIZE_MS);
  }
}
