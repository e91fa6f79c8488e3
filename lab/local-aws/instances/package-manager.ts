/** `dnf` on a local machine: it takes time as the real one does, can fail as it does at first boot, and installs nothing. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandReply } from './command-reply.ts';

/** What a call of dnf can meet. */
export type PackageTrouble =
  /** Another process holds rpm's lock: the agent updates itself at first boot. */
  | { readonly kind: 'lock' }
  /** No mirror answers. */
  | { readonly kind: 'mirror' }
  /** No repository has the package. */
  | { readonly kind: 'unknown' }
  /** The mirror is slow, or the package large. */
  | { readonly kind: 'slow'; readonly ms: number };

export interface PackageManagerOptions {
  /** How long one package takes, in milliseconds. */
  readonly packageMs: number;
  /** Asked for each package of each call. @default nothing goes wrong */
  readonly trouble?: ((instanceId: string, packageName: string) => PackageTrouble | undefined) | undefined;
}

/**
 * @see https://github.com/amazonlinux/amazon-linux-2023/issues/397
 */
export async function dnf(instanceId: string, args: readonly string[], options: PackageManagerOptions): Promise<CommandReply> {
  const [command, ...packages] = args.filter((arg) => !arg.startsWith('-'));
  if (command !== 'install') return { code: 1, stderr: `No such command: ${command ?? ''}. The local machine has dnf install only.\n` };
  for (const name of packages) {
    const trouble = options.trouble?.(instanceId, name);
    await sleep(trouble?.kind === 'slow' ? trouble.ms : options.packageMs, undefined, { ref: false });
    const refusal = trouble && REFUSALS[trouble.kind]?.(name);
    if (refusal !== undefined) return { code: 1, stderr: refusal };
  }
  return { code: 0, stdout: `Complete! On the local machine, ${packages.join(', ')} counts as installed.\n` };
}

/** The last lines of dnf's output. */
const REFUSALS: Partial<Record<PackageTrouble['kind'], (name: string) => string>> = {
  lock: () =>
    "RPM: error: can't create transaction lock on /var/lib/rpm/.rpm.lock (Resource temporarily unavailable)\nError: Could not run transaction.\n",
  mirror: () =>
    "Errors during downloading metadata for repository 'amazonlinux':\n  - Curl error (28): Timeout was reached\nError: Failed to download metadata for repo 'amazonlinux': Cannot prepare internal mirrorlist\n",
  unknown: (name) => `No match for argument: ${name}\nError: Unable to find a match: ${name}\n`,
};
