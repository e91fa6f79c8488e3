/** Connections as the sweep's function makes them. */
import type { Redis } from 'ioredis';
import { createStoreConnector } from '../../../../functions/shared/store/store-connection.ts';
import type { StoreLogin } from '../../../../functions/shared/store/store-login.ts';
import type { StoreAddresses } from './work.ts';

/** The host that the stores' certificate is for. */
export const TLS_HOST = 'localhost';

const none = async () => undefined;

/** @param asUser with the sweep's own user, and TLS: to a node's port for TLS */
export function connectorTo({ user, caPem }: StoreAddresses, asUser: boolean): (node: { readonly port: number }) => Promise<Redis> {
  const login: StoreLogin = {
    userName: asUser ? user.name : undefined,
    password: asUser ? async () => user.password : none,
    passwordAfterRefusal: none,
    renewAfterMs: undefined,
  };
  const host = asUser ? TLS_HOST : '127.0.0.1';
  return ({ port }) => createStoreConnector({ host, port, tls: asUser, auth: { mode: 'none' } }, login, { ca: caPem })();
}
