/** The files of a release that its pages ask for by names made of their content: what is stored of them, and where a build has some. */
import { APP_CONTRACT_FILE, type AppContract } from '../../functions/shared/app-contract.ts';
import { sumOf } from '../../functions/shared/arithmetic.ts';
import { linkEnd, type ReleaseFile } from './list-files.ts';
import { InvalidRelease } from './release-errors.ts';

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
