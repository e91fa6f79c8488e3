import { readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * The tarball that npm installed a package from, by the lock file that npm keeps in node_modules.
 * @param packageFolder the package's folder in a node_modules
 * @returns its path; undefined when it was not installed from a file, or not by npm
 */
export function installedFrom(packageFolder: string): string | undefined {
  const modules = path.dirname(packageFolder);
  const project = path.dirname(modules);
  try {
    const lock = JSON.parse(readFileSync(path.join(modules, '.package-lock.json'), 'utf8')) as {
      readonly packages?: Readonly<Record<string, { readonly resolved?: string } | undefined>>;
    };
    const resolved = lock.packages?.[path.relative(project, packageFolder).replaceAll(path.sep, '/')]?.resolved;
    return resolved?.startsWith('file:') ? path.resolve(project, resolved.slice('file:'.length)) : undefined;
  } catch {
    return undefined;
  }
}
