/** A release that cannot be published. `message` is one sentence for the person who typed the command. */
export class ReleaseError extends Error {
  override name = 'ReleaseError';
}

/** The folder is not a release: its contract is missing or wrong, a file cannot be read, a link leaves it, it is too large. */
export class InvalidRelease extends ReleaseError {
  override name = 'InvalidRelease';
}

/** The version exists with other content. No version is published twice: servers may run the first one. */
export class ReleaseExists extends ReleaseError {
  override name = 'ReleaseExists';
  readonly fleet: string;
  readonly version: string;
  constructor(fleet: string, version: string) {
    super(`Fleet ${fleet} already has a release ${version} with other content: publish this one under a new version.`);
    this.fleet = fleet;
    this.version = version;
  }
}

/** The fleet's publish function refused, or did not answer. `name` is its error's name. */
export class PublishRefused extends ReleaseError {
  constructor(name: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
  }
}

/** The reason of a failed file-system call, in words. */
export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ENOENT') return 'it does not exist';
  if (code === 'EACCES' || code === 'EPERM') return 'no permission to read it';
  return error instanceof Error ? error.message : String(error);
}
