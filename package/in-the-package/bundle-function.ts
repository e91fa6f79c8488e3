/** Takes the place of infra/constructs/bundle-function.ts in the package, which has the bundles. */
import path from 'node:path';
import { OWN_FOLDER } from '../../infra/own-files.ts';

/** @param entry handler as in the repository: `functions/deploy/control/handler.ts` */
export const bundleInto = (_assembly: string, entry: string): string =>
  path.join(OWN_FOLDER, 'functions', '.bundles', entry.replaceAll(/[/.]/g, '-'));
