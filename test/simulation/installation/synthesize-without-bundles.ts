import { registerHooks } from 'node:module';
import type { Installations } from './installation-file.ts';

/**
 * The installations, synthesized in this process without the functions' bundles, which take most of a synthesis. Nothing of
 * the infrastructure may be loaded before.
 */
export async function synthesizeWithoutBundles(): Promise<Installations> {
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const resolved = nextResolve(specifier, context);
      const isBundler = resolved.url.endsWith('/infra/constructs/bundle-function.ts');
      return isBundler ? { ...resolved, url: new URL('./no-bundle.ts', import.meta.url).href } : resolved;
    },
  });
  const { synthesizeInstallation } = await import('./synthesize-installation.ts');
  return {
    created: await synthesizeInstallation('created'),
    existing: await synthesizeInstallation('existing'),
    sticky: await synthesizeInstallation('sticky'),
  };
}
