import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Pack, pack } from 'tar-stream';
import { APP_CONTRACT_FILE, type AppContract, type Bundle } from '../../functions/shared/app-contract.ts';
import { sumOf } from '../../functions/shared/arithmetic.ts';
import { isVersion, VERSION_RULE } from '../../functions/shared/version.ts';
import { type BundleFleet, findBundle, makeBundleRelease } from './bundle/make-release.ts';
import { checkStart } from './check-start.ts';
import { DEFAULT_LIMITS, findSecrets, linkEnd, listFiles, type ReleaseFile, type ReleaseLimits, type SecretFile } from './list-files.ts';
import { readContract } from './read-contract.ts';
import { InvalidRelease, reasonOf } from './release-errors.ts';

interface PackedArchive {
  /** The .tar.gz, in a new folder of its own inside the work folder; the caller removes it. */
  readonly archivePath: string;
  /** Lower-case hex of the archive. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** A release ready to be uploaded. */
export interface PackagedRelease extends PackedArchive {
  /** Next to the release's own archive; absent for a release without. */
  readonly assets?: PackedArchive;
  readonly app: AppContract;
  readonly content: ReleaseContent;
}

/** What is in the archive: all of the folder. */
export interface ReleaseContent {
  readonly files: number;
  /** Before compression. */
  readonly bytes: number;
  readonly largest: readonly { readonly name: string; readonly sizeBytes: number }[];
  readonly secrets: readonly SecretFile[];
  /** Of a bundle, what its appspec says. */
  readonly bundle?: Bundle;
  /** The key "assets", where the names of files ask for it and the contract does not have it. */
  readonly proposal?: string;
}

export interface PackageOptions {
  readonly limits?: ReleaseLimits;
  /** The fleet's configuration, called for a bundle. @default the fleet takes none */
  readonly bundleFleet?: (() => Promise<BundleFleet | undefined>) | undefined;
}

const LARGEST_SHOWN = 3;
/** Every member's time: content decides the archive's bytes, not the clock. */
const MTIME = new Date('2000-01-01T00:00:00Z');

/**
 * Checks a release and makes its archive. The same content gives the same bytes on the same Node.js.
 * @param path a folder with holdfast.app.json or an appspec at its root
 * @param workFolder where temporary files go; made when it is missing
 * @throws InvalidRelease with one sentence about what to correct
 */
export async function packageRelease(
  path: string,
  version: string,
  workFolder: string,
  { limits = DEFAULT_LIMITS, bundleFleet }: PackageOptions = {},
): Promise<PackagedRelease> {
  checkVersion(version);
  const source = resolve(path);
  await checkFolder(source, path);
  await mkdir(workFolder, { recursive: true });
  const temporary = await mkdtemp(join(workFolder, 'release-'));
  try {
    // First: a contract that is a link out of the release is not read.
    let folder = source;
    let files = await listFiles(folder, limits);
    const found = findBundle(files);
    if (found) {
      const root = join(folder, found.inside);
      const bundle = { root, files: found.inside === '' ? files : await listFiles(root, limits), appspec: found.appspec };
      folder = join(temporary, 'release');
      files = await makeBundleRelease(await bundleFleet?.(), { ...bundle, folder });
    }
    const app = await readContract(folder);
    if (app.bundle && !found)
      throw new InvalidRelease(`${APP_CONTRACT_FILE}: remove "bundle", which is written by publishing a folder with an appspec.yml.`);
    await checkStart(app.start, folder);
    const members = assetMembers(app, files);
    const packed = await writeArchive(folder, files, join(temporary, 'release.tar.gz'));
    const assets = members && (await writeArchive(folder, members, join(temporary, 'assets.tar.gz')));
    const proposal = proposeAssets(
      app,
      files.map(({ name }) => name),
    );
    const content = {
      ...contentOf(files, await findSecrets(folder, files)),
      ...(app.bundle ? { bundle: app.bundle } : proposal && { proposal }),
    };
    return { ...packed, ...(assets && { assets }), app, content };
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  } finally {
    await rm(join(temporary, 'release'), { recursive: true, force: true });
  }
}

/** @throws InvalidRelease quoting the version and the rule */
export function checkVersion(version: string): void {
  if (isVersion(version)) return;
  throw new InvalidRelease(`${JSON.stringify(version)} is not a valid version. ${VERSION_RULE}.`);
}

async function checkFolder(source: string, given: string): Promise<void> {
  const refuse = (reason: string) => new InvalidRelease(`Cannot read the release ${JSON.stringify(given)}: ${reason}.`);
  const stats = await stat(source).catch((error: unknown) => {
    throw refuse(reasonOf(error));
  });
  if (stats.isDirectory()) return;
  if (/\.jar$/i.test(given)) throw refuse('a .jar is not a release: put it into a folder with holdfast.app.json, and publish the folder');
  throw refuse('it is neither a folder nor a .war: unpack an archive, and publish the folder that has holdfast.app.json or an appspec.yml');
}

function contentOf(files: readonly ReleaseFile[], secrets: readonly SecretFile[]): ReleaseContent {
  const regular = files.filter((file) => file.type === 'file').sort((a, b) => b.sizeBytes - a.sizeBytes);
  const bytes = sumOf(regular, ({ sizeBytes }) => sizeBytes);
  const largest = regular.slice(0, LARGEST_SHOWN).map(({ name, sizeBytes }) => ({ name, sizeBytes }));
  return { files: regular.length, bytes, largest, secrets };
}

async function writeArchive(folder: string, files: readonly ReleaseFile[], archivePath: string): Promise<PackedArchive> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback) {
      // Byte 9 of a gzip file names the operating system that made it: 255 is "unknown", on every one.
      if (sizeBytes === 0) chunk[9] = 255;
      hash.update(chunk);
      sizeBytes += chunk.length;
      done(undefined, chunk);
    },
  });
  const tar = pack();
  try {
    await Promise.all([
      pipeline(tar, createGzip(), measure, createWriteStream(archivePath)),
      addAll(tar, folder, files).catch((error: Error) => {
        tar.destroy(error);
        throw error;
      }),
    ]);
  } catch (error) {
    throw error instanceof InvalidRelease ? error : new InvalidRelease(`Cannot pack the release: ${reasonOf(error)}.`);
  }
  return { archivePath, sha256: hash.digest('hex'), sizeBytes };
}

async function addAll(tar: Pack, folder: string, files: readonly ReleaseFile[]): Promise<void> {
  for (const file of files) {
    const header = { name: file.name, mode: file.mode, mtime: MTIME, uid: 0, gid: 0 };
    if (file.type === 'directory') tar.entry({ ...header, type: 'directory' });
    else if (file.type === 'symlink') tar.entry({ ...header, type: 'symlink', linkname: file.target });
    else await pipeline(createReadStream(join(folder, file.name)), tar.entry({ ...header, size: file.sizeBytes }));
  }
  tar.finalize();
}

/** The files of a release that its pages ask for by names made of their content: what is stored of them, and where a build has some. */

/** Three times this fit into a tenth of the smallest disk that a created fleet has, 8 GB: a server keeps as many releases' as fit there. */
export const MOST_ASSETS_BYTES = 256 * 1024 ** 2;

const isIn = (folder: string, name: string): boolean => name.startsWith(`${folder}/`);

/**
 * The members of a release's assets.tar.gz: its folders of assets, and the contract that names them. Undefined without any.
 * @throws InvalidRelease with one sentence
 */
export function assetMembers({ assets }: Pick<AppContract, 'assets'>, files: readonly ReleaseFile[]): readonly ReleaseFile[] | undefined {
  if (assets === undefined) return undefined;
  const members = assets.flatMap(({ folder }) => {
    const self = files.find(({ name }) => name === folder);
    const shown = JSON.stringify(folder);
    if (self?.type === 'symlink') throw new InvalidRelease(`${ASSETS} names ${shown}, which is a link: name the folder that it leads to.`);
    const inside = files.filter(({ name }) => isIn(folder, name));
    if (self?.type !== 'directory' || inside.length === 0)
      throw new InvalidRelease(`${ASSETS} names ${shown}, which is not a folder with files in the release: correct it or remove it.`);
    for (const link of inside) {
      if (link.type === 'symlink' && !isIn(folder, linkEnd(link)))
        throw new InvalidRelease(
          `The link ${JSON.stringify(link.name)} leaves the folder ${shown} of "assets": put the file there instead.`,
        );
    }
    return inside;
  });
  const bytes = sumOf(members, (file) => (file.type === 'file' ? file.sizeBytes : 0));
  if (bytes > MOST_ASSETS_BYTES)
    throw new InvalidRelease(
      `The folders of "assets" have ${bytes} bytes, and servers keep at most ${MOST_ASSETS_BYTES} of each release: leave out what no page names by its content, or serve it from a CDN.`,
    );
  return [...files.filter(({ name }) => name === APP_CONTRACT_FILE), ...members];
}

const ASSETS = `"assets" in ${APP_CONTRACT_FILE}`;

/** `app.9f3c01ab.js` (webpack, Django), `index-DiwrgTda.js` (vite), `app-<64 digits>.css` (Rails). */
const HASHED = /[.-]([A-Za-z0-9_-]{8}|[0-9a-f]{9,64})(?:[.]chunk)?[.](?:m?js|css|woff2?|png|svg|jpg|webp)$/;
/** A word or a date is no hash. */
const isHash = (text: string): boolean =>
  (/\d/.test(text) && /[A-Za-z]/.test(text)) || (/[a-z][A-Z]/.test(text) && /[A-Z][a-z]/.test(text));
/** Where frameworks serve what their build puts into these folders; any other folder by its own name. */
const SERVED: readonly (readonly [folder: RegExp, path: string])[] = [
  [/^(?:.*\/)?[.]next\/static(?=\/)/, '/_next/static/'],
  [/^(?:.*\/)?(?:staticfiles|static_root|collected_static)(?=\/)/, '/static/'],
];
/** Folders below which frameworks sort what they have hashed. */
const SORTED = /\/(?:js|css|img|images|fonts|media|chunks|webpack|pages|app)(?:\/.*)?$/;
const LEAST_HASHED = 2;

/** What publishing proposes where it sees hashed names, and never assumes; undefined where it sees none, or the contract has the key. */
export function proposeAssets({ assets }: Pick<AppContract, 'assets'>, names: readonly string[]): string | undefined {
  if (assets !== undefined) return undefined;
  const counts = new Map<string, number>();
  for (const name of names) {
    const hash = HASHED.exec(name)?.[1];
    if (hash === undefined || !isHash(hash) || !name.includes('/') || /(^|\/)node_modules\//.test(name)) continue;
    const [root] = SERVED.flatMap(([pattern]) => pattern.exec(name)?.[0] ?? []);
    const folder = root ?? name.slice(0, name.lastIndexOf('/')).replace(SORTED, '');
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  const [found] = [...counts].filter(([, count]) => count >= LEAST_HASHED).sort(([, a], [, b]) => b - a);
  if (found === undefined) return undefined;
  const [folder, count] = found;
  const webapp = /^webapps\/ROOT\/(.+)$/.exec(folder)?.[1];
  const path = SERVED.find(([pattern]) => pattern.test(`${folder}/`))?.[1] ?? `/${webapp ?? folder.split('/').at(-1)}/`;
  const key = webapp === undefined ? `"assets" of ${APP_CONTRACT_FILE}` : '"app.assets" of the fleet';
  return `${count} files in ${folder} have names made of their content: during a deploy, pages of one release ask servers with the other one for them, and get 404. If the server answers them at ${path}, name them in ${key}: [${JSON.stringify({ folder: webapp ?? folder, path })}]`;
}
