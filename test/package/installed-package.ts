/** The package as its users have it: installed offline from its tarball in a folder with a blank in its path, and read-only. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildPackage } from '../../package/build-package.ts';
import { writeTarball } from '../../package/write-tarball.ts';
import { ensureNodeOfPackage } from '../../setup/set-up.mjs';
import type { Ran } from '../cli/run-cli.ts';

const LIMIT_MS = 180_000;

export interface RunOptions {
  /** @default the project's folder */
  readonly cwd?: string;
  /** More of the environment, which is named in full. */
  readonly env?: Readonly<Record<string, string>>;
  /** Program of Node. @default this process's */
  readonly node?: string;
}

/** The Nodes that the package is tested with: the oldest that it supports, and this one. */
export async function nodesOfPackage(): Promise<{ readonly version: string; readonly node: string; readonly missing?: string }[]> {
  const oldest = await ensureNodeOfPackage();
  return [
    'missing' in oldest ? { version: oldest.version, node: '', missing: oldest.missing } : { version: oldest.version, node: oldest.path },
    { version: process.versions.node, node: process.execPath },
  ];
}

/** @returns the tarball's size when it is unpacked */
export async function buildTarball(folder: string, file: string): Promise<number> {
  await buildPackage(folder);
  return (await writeTarball(folder, file, ['lib/holdfast.js', 'holdfast'])).unpackedBytes;
}

export class InstalledPackage {
  /** Holds everything, and is the home of what runs. */
  readonly folder: string;
  /** Folder of an npm project that has the package alone. */
  readonly project: string;
  /** What `npm install` of the tarball printed. */
  printed = '';
  private bytes = '';

  private constructor() {
    this.folder = mkdtempSync(path.join(tmpdir(), 'holdfast package '));
    this.project = path.join(this.folder, 'my project');
    mkdirSync(this.project);
  }

  /** Takes half a minute. */
  static async create(): Promise<InstalledPackage> {
    const made = new InstalledPackage();
    const tarball = path.join(made.folder, 'a.tgz');
    await buildTarball(path.join(made.folder, 'a'), tarball);
    const { code, stdout, stderr } = await made.run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball]);
    if (code !== 0) throw new Error(`npm install failed: ${stderr}`);
    made.printed = stdout;
    made.setModes(0o555, 0o444);
    made.bytes = made.hash();
    return made;
  }

  get root(): string {
    return path.join(this.project, 'node_modules/holdfast');
  }

  /** Whether nothing was written into the package since it was installed; modes do not keep root from it. */
  get isUntouched(): boolean {
    return this.hash() === this.bytes;
  }

  run(command: string, args: readonly string[], { cwd = this.project, env = {}, node = process.execPath }: RunOptions = {}): Promise<Ran> {
    return new Promise((resolve) => {
      const full = { PATH: `${path.dirname(node)}:${process.env['PATH']}`, HOME: this.folder, AWS_EC2_METADATA_DISABLED: 'true', ...env };
      execFile(command, args, { cwd, env: full, timeout: LIMIT_MS, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
        resolve({ code, stdout, stderr: code === null ? `${stderr}${error?.message}` : stderr });
      });
    });
  }

  holdfast(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return this.run(options.node ?? process.execPath, [path.join(this.root, 'lib/holdfast.js'), ...args], options);
  }

  remove(): void {
    if (this.bytes !== '') this.setModes(0o755, 0o644);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private setModes(folders: number, files: number): void {
    for (const entry of readdirSync(this.root, { recursive: true, withFileTypes: true })) {
      const place = path.join(entry.parentPath, entry.name);
      if (entry.isFile()) chmodSync(place, place.endsWith('holdfast.js') ? files | 0o111 : files);
      else if (entry.isDirectory()) chmodSync(place, folders);
    }
    chmodSync(this.root, folders);
  }

  private hash(): string {
    const hash = createHash('sha256');
    const entries = readdirSync(this.root, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
    for (const file of files.sort()) hash.update(`${file}\n`).update(readFileSync(file));
    return hash.digest('hex');
  }
}
