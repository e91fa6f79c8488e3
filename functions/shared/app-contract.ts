import { z } from 'zod';

/**
 * `holdfast.app.json`, at the root of a release: the contract between Holdfast and the server in it.
 * docs/app-contract.md documents it for users.
 */

/** File name of the contract at the root of a release. */
export const APP_CONTRACT_FILE = 'holdfast.app.json';

/** The servers read no longer one. */
export const LONGEST_CONTRACT_BYTES = 65_536;

/** Keys of the contract that are probes. */
export const PROBES = ['inFlight', 'requests', 'errors', 'latencyMs', 'sessions'] as const;

/** How one number is read on the server's localhost: a field of a JSON response, or a pattern's first group in a text response. */
const probe = z.union([
  z.strictObject({
    path: z.string().regex(/^\/[^\s]*$/),
    /** Dotted path of a number in the JSON response: `requests.inFlight`. */
    field: z.string().regex(/^[A-Za-z0-9_.-]+$/),
  }),
  z.strictObject({
    path: z.string().regex(/^\/[^\s]*$/),
    /**
     * Regular expression (the common subset of JavaScript and Python) whose first group is the number. The server searches
     * the first 64 KB of the response for it, for at most 0.5 s.
     */
    pattern: z.string().min(1).max(256),
  }),
]);

export const appContract = z.strictObject({
  /** Program and arguments, run in the release's folder with PORT in the environment. No shell. */
  start: z.array(z.string().min(1)).min(1),
  /** The port that the server listens on when PORT is not set. */
  port: z.int().min(1).max(65535),
  health: z.strictObject({
    /** Returns 200 while this server can take traffic. Must not depend on the session store. */
    loadBalancer: z.string().regex(/^\/[^\s]*$/),
    /** Returns 200 with `"status":"UP"` when the release works, the session store included. */
    gate: z.string().regex(/^\/[^\s]*$/),
  }),
  /** How long the server keeps an idle connection open. It has to exceed the load balancer's idle time-out, or requests meet a closed connection. */
  keepAliveSeconds: z.int().min(1).max(86_400).optional(),
  /** Requests that the server is handling now, without the probe itself. */
  inFlight: probe.optional(),
  /** Requests served since the start, without probes and health checks; never decreases. */
  requests: probe.optional(),
  /** Responses with a 5xx status since the start; never decreases. */
  errors: probe.optional(),
  /** Recent response time in milliseconds: any mean or percentile over the last minute or less. */
  latencyMs: probe.optional(),
  /** Sessions in this server's memory. */
  sessions: probe.optional(),
});

export type AppContract = z.infer<typeof appContract>;
