import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatSources, parseLines, parseStanzas, readAptSources, releaseSources } from '../../setup/apt-sources.mjs';
import { makeFolder } from './fake-programs.ts';

const DEBIAN = `Types: deb
# http://snapshot.debian.org/archive/debian/20250520T000000Z
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb deb-src
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main contrib
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBF
`;

describe("the apt sources of the machine's release", () => {
  it('are read from stanzas, with the mirror, components and keyring, and get the backports', () => {
    expect(formatSources(releaseSources(parseStanzas(DEBIAN), 'bookworm'))).toBe(`Types: deb
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates bookworm-backports
Components: main
Languages: none
Targets: Packages
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main contrib
Languages: none
Targets: Packages
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBF
`);
  });

  it('are read from lines, options kept', () => {
    const text = `
# deb http://off.example/debian bookworm main
deb-src http://mirror.example/debian bookworm main
deb [arch=amd64,arm64 signed-by=/k.gpg trusted=yes lang=en] http://mirror.example/debian bookworm main contrib # ours
`;
    expect(formatSources(releaseSources(parseLines(text), 'bookworm'))).toBe(`Types: deb
URIs: http://mirror.example/debian
Suites: bookworm bookworm-backports
Components: main contrib
Languages: none
Targets: Packages
Architectures: amd64 arm64
Signed-By: /k.gpg
Trusted: yes
`);
  });

  it.each([
    ['of another vendor', 'deb https://packages.example/node nodistro main'],
    ['of another vendor, named after the release', 'deb https://packages.example/sdk sdk-bookworm main'],
    ['without the component main', 'deb https://docker.example/debian bookworm stable'],
    ['of another release', 'deb http://mirror.example/debian trixie main'],
    ['a disc', 'deb cdrom:[Debian_12]/ bookworm main'],
    ['for source packages', 'deb-src http://mirror.example/debian bookworm main'],
    ['half a line', 'deb http://mirror.example/debian'],
  ])('leave out a source %s', (_title, line) => {
    expect(releaseSources(parseLines(line), 'bookworm')).toEqual([]);
  });

  it('leave out a stanza that is disabled', () => {
    expect(parseStanzas(DEBIAN.replaceAll('Types:', 'Enabled: no\nTypes:'))).toEqual([]);
  });

  it('follow a machine that names its release "stable", and list backports once', () => {
    expect(releaseSources(parseLines('deb http://m.example/debian stable main'), 'trixie')[0]?.suites).toEqual([
      'stable',
      'stable-backports',
    ]);
    const both = { uris: 'u', suites: ['noble', 'noble-backports'], components: 'main universe', options: [] };
    expect(releaseSources([both], 'noble')[0]?.suites).toEqual(['noble', 'noble-backports']);
  });

  it('come from both files and both formats', () => {
    const folder = makeFolder();
    mkdirSync(join(folder, 'sources.list.d'));
    writeFileSync(join(folder, 'sources.list'), 'deb http://a.example/debian bookworm main\n');
    writeFileSync(join(folder, 'sources.list.d', 'b.list'), 'deb http://b.example/debian bookworm main\n');
    writeFileSync(join(folder, 'sources.list.d', 'c.sources'), DEBIAN);
    writeFileSync(join(folder, 'sources.list.d', 'd.list.save'), 'deb http://d.example/debian bookworm main\n');
    expect(readAptSources(folder).map(({ uris }) => uris)).toEqual([
      'http://a.example/debian',
      'http://b.example/debian',
      'http://mirror.example/debian',
      'http://mirror.example/debian-security',
    ]);
    expect(readAptSources(join(folder, 'nowhere'))).toEqual([]);
    rmSync(folder, { recursive: true });
  });
});
