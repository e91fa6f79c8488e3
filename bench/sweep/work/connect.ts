/** Connections as the sweep's function makes them. */
import type { Redis } from 'ioredis';
import { createStoreConnector } from '../../../functions/shared/store/store-connection.ts';
import type { StoreLogin } from '../../../functions/shared/store/store-login.ts';
import type { NodeAddress, StoreAddresses } from './work.ts';

/** Of the stores' certificate. */
export const TLS_HOST = 'localhost';

const none = async () => undefined;

/** @param asUser with the sweep's own user, and TLS */
export function connectorTo({ port, tlsPort }: NodeAddress, { user, caPem }: StoreAddresses, asUser: boolean): () => Promise<Redis> {
  const login: StoreLogin = {
    userName: asUser ? user.name : undefined,
    password: asUser ? async () => user.password : none,
    passwordAfterRefusal: none,
    renewAfterMs: undefined,
  };
  const node = asUser ? { host: TLS_HOST, port: tlsPort, tls: true } : { host: '127.0.0.1', port, tls: false };
  return createStoreConnector({ ...node, auth: { mode: 'none' } }, login, { ca: caPem });
}
