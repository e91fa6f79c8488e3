/** A local machine's folder: its root file system, and the commands that replace the host's. */
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const shim = (name: string): string => fileURLToPath(new URL(`./shims/${name}`, import.meta.url));

/** Commands that the machine itself answers. */
const MACHINE_COMMANDS = ['systemctl', 'journalctl', 'amazon-ssm-agent', 'dnf'] as const;
/** Commands that would need root, or change the host. */
const ROOT_COMMANDS = ['useradd', 'groupadd', 'usermod', 'chown', 'chgrp', 'loginctl'] as const;

export interface MachineFolder {
  readonly path: string;
  readonly root: string;
  readonly unitFolder: string;
  readonly logFolder: string;
  readonly bootLog: string;
  readonly userDataFile: string;
}

/** A path as one word of a shell script. */
const quoted = (path: string): string => `'${path.replaceAll("'", "'\\''")}'`;

/** Makes the folder and its commands. */
export async function makeMachineFolder(path: string, nodeBinary: string, python: string): Promise<MachineFolder> {
  const folder: MachineFolder = {
    path,
    root: join(path, 'opt/holdfast'),
    unitFolder: join(path, 'etc/systemd/system'),
    logFolder: join(path, 'var/log'),
    bootLog: join(path, 'var/log/cloud-init-output.log'),
    userDataFile: join(path, 'var/lib/cloud/user-data.sh'),
  };
  const bin = join(path, 'bin');
  for (const each of [
    bin,
    join(path, 'run'),
    join(path, 'tmp'),
    folder.root,
    folder.unitFolder,
    folder.logFolder,
    join(path, 'var/lib/cloud'),
  ]) {
    await mkdir(each, { recursive: true });
  }
  for (const command of MACHINE_COMMANDS) await copyFile(shim('call-machine'), join(bin, command));
  for (const command of ROOT_COMMANDS) await copyFile(shim('as-root'), join(bin, command));
  // Certificates of the local cloud are trusted as those of AWS are on a real machine.
  const aws = `#!/bin/sh\nNODE_EXTRA_CA_CERTS="\${HOLDFAST_LOCAL_CA:-}" exec ${quoted(nodeBinary)} ${quoted(shim('aws.ts'))} "$@"\n`;
  await writeFile(join(bin, 'aws'), aws);
  // Version managers put a slow script before python; the documents start it often.
  await writeFile(join(bin, 'python3'), `#!/bin/sh\nexec ${quoted(python)} "$@"\n`);
  for (const command of ['aws', 'python3', ...MACHINE_COMMANDS, ...ROOT_COMMANDS]) await chmod(join(bin, command), 0o755);
  await symlink(nodeBinary, join(bin, 'node'));
  return folder;
}

/** The real Python behind whatever version manager is first in the PATH. @throws Error when there is none */
export async function findPython(path: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('python3', ['-c', 'import sys; print(sys.executable)'], {
      env: { PATH: path },
      timeout: 20_000,
    });
    return stdout.trim();
  } catch (error) {
    throw new Error('Local machines need python3 on PATH: install it, then start again.', { cause: error });
  }
}
