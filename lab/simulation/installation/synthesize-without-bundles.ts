import { existsSync, renameSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { type Installations, readInstallations, writeInstallations } from './installation-file.ts';
import { keptInstallationsFile } from './kept-installations.ts';
import { shareListener } from './share-listener.ts';

/** From now on this process synthesizes without the functions' bundles. Nothing of the infrastructure may be loaded before. */
export function leaveOutBundles(): void {
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const resolved = nextResolve(specifier, context);
      const isBundler = resolved.url.endsWith('/infra/constructs/bundle-function.ts');
      return isBundler ? { ...resolved, url: new URL('./no-bundle.ts', import.meta.url).href } : resolved;
    },
  });
}

/**
 * The installations, synthesized in this process without the functions' bundles, which take most of a synthesis. Nothing of
 * the infrastructure may be loaded before. In a run of the tests the first process synthesizes, and others read what it made.
 */
export async function synthesizeWithoutBundles(): Promise<Installations> {
  leaveOutBundles();
  const kept = keptInstallationsFile();
  if (kept !== undefined && existsSync(kept)) return readInstallations(kept);
  const { synthesizeInstallation } = await import('./synthesize-installation.ts');
  const sticky = await synthesizeInstallation('sticky');
  const installations = {
    created: await synthesizeInstallation('created'),
    existing: await synthesizeInstallation('existing'),
    bundles: await synthesizeInstallation('bundles'),
    adopting: await synthesizeInstallation('adopting'),
    sticky,
    shared: shareListener(sticky, await synthesizeInstallation('shared')),
  };
  if (kept !== undefined) keep(kept, installations);
  return installations;
}

/** Whole or not at all: another process may be reading it. */
function keep(file: string, installations: Installations): void {
  const draft = `${file}.${process.pid}`;
  writeInstallations(draft, installations);
  renameSync(draft, file);
}
