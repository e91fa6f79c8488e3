/** @throws SetupError when this machine has no Node 24 or newer */
export function nodeBinary(checkout?: string): string;

export function findNode(
  checkout?: string,
  running?: { readonly platform?: string; readonly version?: string; readonly execPath?: string },
): { readonly path: string; readonly version: string };
