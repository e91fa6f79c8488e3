/** Which optional packages of other platforms a package-lock.json lacks. Pure. */

const OPERATING_SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];

/**
 * @param {{ packages: Record<string, any> }} lock
 * @returns {Array<{ path: string, name: string, version: string }>} optional dependencies without an entry
 */
export function missingOptionalPackages(lock) {
  const missing = [];
  for (const [owner, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (!isPresent(lock.packages, owner, name))
        missing.push({ path: `node_modules/${name}`, name, version: version.replace(/^[~^>=\s]+/, '') });
    }
  }
  return missing;
}

/**
 * @param {{ packages: Record<string, any> }} lock changed in place
 * @returns {string[]} the added entries
 */
export function completePackageLock(lock) {
  const added = missingOptionalPackages(lock);
  for (const { path, name, version } of added) lock.packages[path] = { version, optional: true, dev: true, ...platformOf(name) };
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
  return added.map(({ name, version }) => `${name}@${version}`);
}

/**
 * @param {string} name `@biomejs/cli-linux-arm64-musl`
 * @returns {{ os?: string[], cpu?: string[], libc?: string[] }} what such packages declare, derived from their names
 */
export function platformOf(name) {
  const words = name.split(/[/-]/);
  const os = OPERATING_SYSTEMS.find((candidate) => words.includes(candidate));
  const cpu = PROCESSORS.find((candidate) => words.includes(candidate));
  const libc = words.some((word) => word.startsWith('musl')) ? 'musl' : words.includes('gnu') && os === 'linux' ? 'glibc' : undefined;
  return { ...(os && { os: [os] }), ...(cpu && { cpu: [cpu] }), ...(libc && { libc: [libc] }) };
}

/** Resolves as Node does: the owner's own node_modules, then each folder above it. A workspace's owner is a plain folder path. */
function isPresent(packages, owner, name) {
  const steps = owner.split(/(?=(?<=^|\/)node_modules\/)/).map((step) => step.replace(/\/$/, ''));
  for (let depth = steps.length; depth >= 0; depth -= 1) {
    if ([...steps.slice(0, depth), `node_modules/${name}`].filter(Boolean).join('/') in packages) return true;
  }
  return false;
}
