/** Reads the machine's apt sources, and derives those of its release with the release's backports. Pure, but for `readAptSources`. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readIfPresent } from './checkout.mjs';

/**
 * @typedef {object} AptSource one stanza of the deb822 format, or one line of the older format
 * @property {string} uris
 * @property {readonly string[]} suites
 * @property {string} components
 * @property {readonly (readonly [name: string, value: string])[]} options the remaining fields as they are: `Signed-By`, …
 */

/** Options of the one-line format whose fields have other names. @see https://manpages.debian.org/sources.list.5 */
const FIELD_OF_OPTION = { arch: 'Architectures', lang: 'Languages', target: 'Targets' };
const OWN_FIELDS = new Set(['types', 'uris', 'suites', 'components', 'enabled', 'languages', 'targets']);

/**
 * @param {string} [folder] apt's configuration
 * @returns {AptSource[]} enabled sources of binary packages
 */
export function readAptSources(folder = '/etc/apt') {
  const parts = join(folder, 'sources.list.d');
  const files = [join(folder, 'sources.list'), ...namesIn(parts).map((name) => join(parts, name))];
  return files.flatMap((file) => {
    const text = readIfPresent(file) ?? '';
    if (file.endsWith('.sources')) return parseStanzas(text);
    return file.endsWith('.list') ? parseLines(text) : [];
  });
}

/**
 * @param {string} text deb822 format
 * @returns {AptSource[]}
 */
export function parseStanzas(text) {
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  return lines
    .join('\n')
    .split(/\n\s*\n/)
    .map((stanza) => [...stanza.matchAll(/^([A-Za-z][\w-]*):[ \t]*(.*(?:\n[ \t].*)*)/gm)].map(([, name, value]) => [name, value.trimEnd()]))
    .flatMap((fields) => {
      const textOf = (wanted) => fields.find(([name]) => name.toLowerCase() === wanted)?.[1].trim() ?? '';
      const disabled = /^(no|false|without|off|disable|0)$/i.test(textOf('enabled'));
      if (disabled || !words(textOf('types')).includes('deb')) return [];
      return {
        uris: textOf('uris'),
        suites: words(textOf('suites')),
        components: textOf('components'),
        options: fields.filter(([name]) => !OWN_FIELDS.has(name.toLowerCase())),
      };
    });
}

/**
 * @param {string} text one-line format
 * @returns {AptSource[]}
 */
export function parseLines(text) {
  return text.split('\n').flatMap((line) => {
    const [, , bracket, uris, suite, components] = /^\s*deb\s+(\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line) ?? [];
    if (uris === undefined) return [];
    const options = words(bracket ?? '')
      .map((option) => option.split(/[+-]?=/, 2))
      .map(([name, value = '']) => [FIELD_OF_OPTION[name] ?? capitalized(name), value.replaceAll(',', ' ')])
      .filter(([name]) => !OWN_FIELDS.has(name.toLowerCase()));
    return { uris, suites: [suite], components: words(components).join(' '), options };
  });
}

/**
 * Every source with the component `main` of a suite that is named after the machine's release, and the backports from the same
 * mirrors. Another vendor's source that names its suites and components in this way is among them, with its own keyring
 * (`Signed-By`): the machine's owner trusts it.
 *
 * @param {readonly AptSource[]} sources
 * @param {string} codename of the machine's release: `bookworm`
 * @returns {AptSource[]}
 */
export function releaseSources(sources, codename) {
  // A machine that follows `stable` has that in place of the code name.
  const names = [codename, 'stable', 'oldstable'];
  return sources.flatMap((source) => {
    const isMain = words(source.components).includes('main') && !source.uris.startsWith('cdrom:');
    const suites = source.suites.filter((suite) => names.some((name) => suite === name || suite.startsWith(`${name}-`)));
    if (!isMain || suites.length === 0) return [];
    const backports = suites.filter((suite) => names.includes(suite)).map((suite) => `${suite}-backports`);
    return { ...source, suites: [...new Set([...suites, ...backports])] };
  });
}

/**
 * @param {readonly AptSource[]} sources
 * @returns {string} deb822 format; only the package lists are fetched, no translations or descriptions
 */
export function formatSources(sources) {
  const stanzas = sources.map(({ uris, suites, components, options }) =>
    [
      ['Types', 'deb'],
      ['URIs', uris],
      ['Suites', suites.join(' ')],
      ['Components', components],
      ['Languages', 'none'],
      ['Targets', 'Packages'],
      ...options,
    ].map(([name, value]) => `${name}:${value.startsWith('\n') ? '' : ' '}${value}`),
  );
  return `${stanzas.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

const words = (text) => text.split(/\s+/).filter(Boolean);
const capitalized = (name) => name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());

function namesIn(folder) {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
