/** How a server of the benchmark reaches the store: as the user that a created store has for an application, over TLS. */
import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { applicationAccess } from '../../../infra/constructs/store/access-strings.ts';

export interface StoreLogin {
  readonly tlsPort: number;
  readonly caPem: string;
  readonly password: string;
}

export const prefixOf = (kind: string): string => `sess:${kind}:`;

/** The user has the name of what is measured, and its keys alone. @returns its password */
export async function addUser(redis: Redis, kind: string): Promise<string> {
  const password = randomBytes(24).toString('hex');
  const access = applicationAccess({ keyPrefix: prefixOf(kind), channels: [] }, [0]).split(' ');
  await redis.call('ACL', 'SETUSER', kind, `>${password}`, ...access);
  return password;
}
