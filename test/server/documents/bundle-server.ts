/** A server's folders, on which the install document's script of CodeDeploy bundles runs; without services, but for a placeholder's. */
import { spawn } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Archive, archiveOf } from '#local-aws/test/instances/fixture-release.ts';
import { type InstallOutput, type InstallParameters, installOutput } from '../../../functions/instance/document-contract.ts';
import { appContract, BUNDLE_FOLDER, type Bundle } from '../../../functions/shared/app-contract.ts';
import { scriptOf } from '../../../server/documents/join-python.ts';
import { runPython } from './warm-python.ts';

const ZERO = '0'.repeat(64);
const SCRIPT = scriptOf('install_bundle');
type Entry = Parameters<typeof archiveOf>[0][number];

/** What a bundle's release has: its appspec, its files by their names in it, and other members of the archive. */
export interface Revision {
  readonly appspec?: Partial<Bundle>;
  readonly files?: Readonly<Record<string, string | Omit<Entry, 'name'>>>;
}
/** A script of an event with nothing that it needs to say. */
export const hook = (location: string, timeout = 20): { location: string; timeout: number } => ({ location, timeout });

export function archiveOfBundle({ appspec = {}, files = {} }: Revision): Promise<Archive> {
  const bundle = { files: [], permissions: [], fileExists: 'DISALLOW', hooks: {}, ...appspec };
  const contract = { start: ['appspec.yml'], port: 8080, health: { loadBalancer: '/', ready: '/health' }, bundle };
  // The same bytes each time: an order that comes twice has one checksum.
  const mtime = new Date(1_000_000);
  return archiveOf([
    { name: 'holdfast.app.json', body: JSON.stringify(appContract.parse(contract)), mtime },
    { name: BUNDLE_FOLDER, type: 'directory', mtime },
    ...Object.entries(files).map(([name, file]) => ({
      name: `${BUNDLE_FOLDER}/${name}`,
      mtime,
      ...(typeof file === 'string' ? { body: file, mode: name.endsWith('.sh') ? 0o755 : 0o644 } : file),
    })),
  ]);
}

/** The least of a systemctl: which unit is active, and all calls in `calls`. */
const SYSTEMCTL = `#!/bin/sh
cd "\${0%/*}/.." || exit 1
echo "$*" >>calls
case "$1" in
  start) echo active >"unit-$2" ;;
  stop) rm -f "unit-$2" ;;
  is-active) cat "unit-$2" 2>/dev/null || { echo inactive; exit 3; } ;;
esac
`;

export class BundleServer {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'holdfast-bundle-'));
  readonly root: string = join(this.folder, 'opt/holdfast');
  #token = 1;

  constructor() {
    mkdirSync(join(this.root, 'etc'), { recursive: true });
    mkdirSync(join(this.folder, 'bin'));
    writeFileSync(
      join(this.root, 'etc/instance.env'),
      'HOLDFAST_DEPLOYMENT_GROUP_NAME=shop\nHOLDFAST_APPLICATION_NAME=live\nPASSWORD=of-the-store-4711\n',
    );
    writeFileSync(join(this.folder, 'bin/systemctl'), SYSTEMCTL, { mode: 0o755 });
  }

  /** Of the servers that Holdfast launches. */
  withPlaceholder(port: number): this {
    this.write('opt/holdfast/etc/placeholder.json', JSON.stringify({ port, healthPath: '/' }));
    this.write('unit-holdfast-placeholder', 'active\n');
    return this;
  }

  path(path: string): string {
    return join(this.folder, path);
  }
  write(path: string, content: string, mode = 0o644): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), content, { mode });
  }
  read(path: string): string | undefined {
    return existsSync(this.path(path)) ? readFileSync(this.path(path), 'utf8') : undefined;
  }
  /** All files below, by path; a link as its target in arrows, an empty folder with a slash. */
  files(below: string): string[] {
    if (!existsSync(this.path(below))) return [];
    const found = (path: string): string[] => {
      const state = lstatSync(this.path(path));
      if (state.isSymbolicLink()) return [`${path} -> ${readlinkSync(this.path(path))}`];
      if (!state.isDirectory()) return [path];
      const names = readdirSync(this.path(path)).sort();
      return names.length === 0 ? [`${path}/`] : names.flatMap((name) => found(join(path, name)));
    };
    return found(below);
  }
  /** What scripts have written to `trace`, and no longer there. */
  trace(): string[] {
    const lines = this.read('trace')?.trim().split('\n') ?? [];
    rmSync(this.path('trace'), { force: true });
    return lines;
  }
  state(): unknown {
    return JSON.parse(this.read('opt/holdfast/etc/bundle.json') ?? 'null');
  }
  log(event: string, token: number = this.#token): string {
    return this.read(`opt/holdfast/log/bundle/${token}-${event}.log`) ?? '';
  }
  /** A later deploy. */
  nextDeploy(): number {
    this.#token += 1;
    return this.#token;
  }

  /** The step as the agent begins it, with the archive where the download step puts it. */
  async #given(version: string, revision: Revision | Archive | undefined, more: Partial<InstallParameters>) {
    const archive = revision === undefined || 'bytes' in revision ? revision : await archiveOfBundle(revision);
    const parameters = {
      fencingToken: `${this.#token}`,
      version,
      sha256: archive?.sha256 ?? ZERO,
      mode: 'install',
      stopFailure: 'fail',
      ...more,
    };
    const cwd = mkdtempSync(this.path('command-'));
    if (archive) writeFileSync(join(cwd, 'release.tar.gz'), archive.bytes);
    const variables = Object.entries(parameters).map(([name, value]) => [`SSM_${name}`, value] as const);
    const environment = {
      ...Object.fromEntries(variables),
      PATH: `${this.path('bin')}:${process.env['PATH']}`,
      HOLDFAST_ROOT: this.root,
      TRACE: this.path('trace'),
      SERVER: this.folder,
    };
    return { cwd, environment };
  }

  async install(version: string, revision?: Revision | Archive, more: Partial<InstallParameters> = {}): Promise<InstallOutput> {
    const { stdout, stderr } = await this.run(version, revision, more);
    if (stdout === '') throw new Error(stderr);
    return installOutput.parse(JSON.parse(stdout));
  }
  async run(version: string, revision?: Revision | Archive, more: Partial<InstallParameters> = {}, script: string = SCRIPT) {
    return runPython({ script, ...(await this.#given(version, revision, more)), limitSeconds: 100 });
  }
  /** Kills the step, as the agent does, as soon as `when` is true. @returns whether it was still running */
  async killed(when: () => boolean, version: string, revision?: Revision, more: Partial<InstallParameters> = {}): Promise<boolean> {
    const { cwd, environment } = await this.#given(version, revision, more);
    const child = spawn('python3', ['-I', '-'], { cwd, env: environment, detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    const ended = new Promise<boolean>((resolve) => child.once('close', (_code, signal) => resolve(signal === 'SIGKILL')));
    child.stdin.end(SCRIPT);
    while (child.exitCode === null && !when()) await sleep(2);
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    } catch {
      // It has ended.
    }
    return ended;
  }
  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Appends the event and a name to `trace`. */
export const traced = (name: string, more = ''): string => `#!/bin/sh\necho "$LIFECYCLE_EVENT ${name}" >>"$TRACE"\n${more}\n`;
