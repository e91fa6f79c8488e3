/** Replaces the modules of functions that would reach outside the process. Imported before any function is. */
import module from 'node:module';

const REPLACED: Readonly<Record<string, string>> = {
  '/functions/shared/logger.ts': './replaced/logger.ts',
  '/functions/shared/metrics.ts': './replaced/metrics.ts',
};

module.registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context);
    const replaced = Object.entries(REPLACED).find(([path]) => resolved.url.endsWith(path));
    return replaced === undefined ? resolved : { ...resolved, url: new URL(replaced[1], import.meta.url).href };
  },
});
