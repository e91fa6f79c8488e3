import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { readModes } from './modes.mjs';

/** Everything that the application takes from its environment, read once at the start. */
export function readSettings(env = process.env) {
  const port = Number(env.PORT ?? 8080);
  return {
    port,
    /** Address to listen on: every one without HOST, which is 127.0.0.1 in the local cloud. */
    host: env.HOST || undefined,
    /** Part of every answer: shows which server it came from. */
    server: `${hostname()}:${port}`,
    /** The release's; without Holdfast that of package.json. */
    version: env.HOLDFAST_VERSION || JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8')).version,
    store: {
      host: env.SESSION_STORE_HOST || '127.0.0.1',
      port: Number(env.SESSION_STORE_PORT || 6379),
      tls: env.SESSION_STORE_TLS === 'true',
      user: env.SESSION_STORE_USER || undefined,
      password: env.SESSION_STORE_PASSWORD || undefined,
      /** The store's user has no access to other keys. */
      keyPrefix: env.SESSION_STORE_KEY_PREFIX || 'sess:',
    },
    cookieSecrets: cookieSecrets(env),
    modes: readModes(env),
    /** The only folder that the application can write to; without it there is no access log. */
    dataFolder: env.HOLDFAST_DATA || undefined,
  };
}

/**
 * Keys that sign the session cookie; the first signs, all verify. They must be the same on every server, or a user whom
 * the load balancer sends elsewhere is logged out. SESSION_SECRET takes several, separated by commas: a new one is last in
 * one deploy, for servers that verify it, and first in the next, so that nobody is logged out. Without it they follow from the store's password, the one secret
 * that all servers already share; then a change of that password ends every session, so give SESSION_SECRET where
 * passwords rotate.
 */
function cookieSecrets(env) {
  if (env.SESSION_SECRET) return env.SESSION_SECRET.split(',');
  return [
    createHmac('sha256', env.SESSION_STORE_PASSWORD || 'development')
      .update('session cookie')
      .digest('base64url'),
  ];
}
