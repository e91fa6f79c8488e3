import { z } from 'zod';

/**
 * `holdfast.app.json`: the contract between Holdfast and any server that it rolls. It lies at the root of a release.
 * docs/app-contract.md is its reader's version.
 */

/** File name of the contract at the root of a release. */
export const APP_CONTRACT_FILE = 'holdfast.app.json';

/** Where one number is read, on the server's own localhost: a field of a JSON answer, or a pattern's first group in a text one. */
const probe = z.union([
  z.strictObject({
    path: z.string().regex(/^\/[^\s]*$/),
    /** Dotted path of a number in the JSON answer: `requests.inFlight`. */
    field: z.string().regex(/^[A-Za-z0-9_.-]+$/),
  }),
  z.strictObject({
    path: z.string().regex(/^\/[^\s]*$/),
    /** Regular expression (the common subset of JavaScript and Python) whose first group is the number. */
    pattern: z.string().min(1).max(256),
  }),
]);

export const appContract = z.strictObject({
  /** Program and arguments, run in the release's folder with PORT in the environment. No shell. */
  start: z.array(z.string().min(1)).min(1),
  /** The port that the server listens on when PORT says nothing else. */
  port: z.int().min(1).max(65535),
  health: z.strictObject({
    /** Answers 200 while this server can take traffic. Must not depend on the session store. */
    loadBalancer: z.string().regex(/^\/[^\s]*$/),
    /** Answers 200 with `"status":"UP"` when the release works, the session store included. */
    gate: z.string().regex(/^\/[^\s]*$/),
  }),
  /** How long the server keeps an idle connection open; above the load balancer's idle time-out, or requests meet a closed one. */
  keepAliveSeconds: z.int().min(1).max(86_400).optional(),
  /** Requests being served now, the probe's own not counted. */
  inFlight: probe.optional(),
  /** Requests served since the start, probes and health checks not counted; only grows. */
  requests: probe.optional(),
  /** Answers with a 5xx status since the start; only grows. */
  errors: probe.optional(),
  /** Answer time of late, in milliseconds: whatever mean or percentile the server keeps of its last minute or less. */
  latencyMs: probe.optional(),
  /** Sessions held in this server's memory. */
  sessions: probe.optional(),
});

export type AppContract = z.infer<typeof appContract>;
