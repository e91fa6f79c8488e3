/** The proxy that leads to AWS in networks without another way out. The AWS SDK itself ignores the usual variables. */
import type { AgentOptions } from 'node:https';
import { CLIENT_OPTIONS } from '../functions/shared/aws/client-options.ts';

const VARIABLES = ['HTTPS_PROXY', 'https_proxy'] as const;

/** First versions whose agents use a proxy. @see https://nodejs.org/api/http.html#built-in-proxy-support */
const FIRST: Readonly<Record<number, number>> = { 22: 21, 24: 5 };

/** Whether a version of Node.js, such as `22.21.0`, uses the proxy. */
export function usesProxies(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 24 || minor >= (FIRST[major] ?? Number.POSITIVE_INFINITY);
}

/**
 * Options of the commands' SDK clients on AWS: those of Holdfast's functions, plus the proxy in HTTPS_PROXY, except for hosts in NO_PROXY.
 */
export function awsClientOptions(env: NodeJS.ProcessEnv) {
  const httpsAgent: AgentOptions & { readonly proxyEnv: NodeJS.ProcessEnv } = { proxyEnv: env };
  return { ...CLIENT_OPTIONS, requestHandler: { ...CLIENT_OPTIONS.requestHandler, httpsAgent } };
}

/** What to check when AWS does not answer: a sentence; undefined without a proxy. */
export function proxyHint(env: NodeJS.ProcessEnv, version: string): string | undefined {
  const variable = VARIABLES.find((name) => env[name]);
  if (variable === undefined) return undefined;
  return usesProxies(version)
    ? `The proxy of ${variable} was used, but for the hosts of NO_PROXY: check it too.`
    : `${variable} is set, but Node.js ${version} does not use it: install Node.js 22.21, 24.5 or a newer one.`;
}
