export interface Setup {
  /** Absolute path of Node 24 or newer. */
  readonly node: string;
  /** Absolute path of the Python that has MiniStack. */
  readonly python: string;
  /** Absolute path of valkey-server or redis-server. Never resolve its links: it looks at its own name. */
  readonly storeServer: string;
  readonly storeEngine: 'valkey' | 'redis';
  readonly versions: { readonly node: string; readonly python: string; readonly storeServer: string };
}

/** @throws SetupError when this checkout is not set up */
export function readSetup(checkout?: string): Setup;
