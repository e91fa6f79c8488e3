export interface StoreServer {
  readonly path: string;
  readonly version: string;
  readonly engine: 'valkey' | 'redis';
}

export function findStoreServer(
  env: NodeJS.ProcessEnv,
  folders: readonly string[],
): { readonly server?: StoreServer; readonly old?: StoreServer };
export function storeServerMissing(old: StoreServer | undefined, because?: string): Error;
