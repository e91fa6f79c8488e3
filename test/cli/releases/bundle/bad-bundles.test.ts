/** What publishing refuses of a bundle: each with one sentence, before anything is uploaded. */
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readAppspec } from '../../../../cli/releases/bundle/read-appspec.ts';
import { temporaryFolder } from '../release-folder.ts';
import { APPSPEC, packageBundle, writeBundle } from './bundle-folder.ts';

let root: string;
beforeEach(async () => {
  root = await temporaryFolder();
});
afterEach(() => rm(root, { recursive: true, force: true }));

const HEAD = 'version: 0.0\nos: linux\n';
const hooks = (script: string, event = 'AfterInstall') => `${HEAD}hooks:\n  ${event}:\n    - ${script}\n`;
const permission = (rest: string) => `${HEAD}permissions:\n  - object: /srv\n    ${rest}\n`;
const files = (...pairs: readonly (readonly [source: string, destination: string])[]) =>
  `${HEAD}files:\n${pairs.map(([source, destination]) => `  - source: ${source}\n    destination: ${destination}\n`).join('')}`;
const bomb = `${HEAD}a: &a [x, x, x, x, x, x, x, x, x]\n${[...'bcdefghi'].map((name, index) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefgh'[index]}`).join(', ')}]`).join('\n')}\n`;

const APPSPECS: readonly (readonly [what: string, appspec: string | Uint8Array, sentence: string])[] = [
  ['another version', 'version: 1.0\nos: linux\n', 'version is "1.0": CodeDeploy knows 0.0 alone'],
  ['no version', 'os: linux\n', 'version is missing: CodeDeploy knows 0.0 alone'],
  ['another os', 'version: 0.0\nos: windows\n', 'os is "windows": it must be linux'],
  [
    'an unknown event',
    hooks('location: scripts/start.sh', 'AfterInstal'),
    'hooks has "AfterInstal", which is no event with scripts on a server. Did you mean AfterInstall?',
  ],
  ['an event of CodeDeploy alone', hooks('location: scripts/start.sh', 'Install'), 'hooks has "Install", which is no event with scripts'],
  [
    'an event twice',
    `${hooks('location: scripts/start.sh')}  AfterInstall:\n    - location: scripts/start.sh\n`,
    'the key "AfterInstall" is there twice (line 6), and CodeDeploy would take the last one alone',
  ],
  [
    'scripts that are no list',
    `${HEAD}hooks:\n  AfterInstall: scripts/start.sh\n`,
    'hooks.AfterInstall is "scripts/start.sh": it must be a list',
  ],
  ['a script that is a text', hooks('scripts/start.sh'), 'hooks.AfterInstall.0 is "scripts/start.sh": it must have keys'],
  ['a script without location', hooks('timeout: 3'), 'hooks.AfterInstall.0.location is missing: it must be a text'],
  ['an empty location', hooks('location: ""'), 'hooks.AfterInstall.0.location is "": it must not be empty'],
  ['a source outside', files(['../shop', '/srv']), '"../shop" is outside the bundle'],
  ['a source outside by a slash', files(['/../shop', '/srv']), '"../shop" is outside the bundle'],
  ['a source that is missing', files(['shop.war', '/srv']), 'the source "shop.war" is not in the bundle'],
  ['a destination without a source', `${HEAD}files:\n  - destination: /srv\n`, 'files.0.source is missing'],
  ['a script outside', hooks('location: ../start.sh'), '"../start.sh" is outside the bundle'],
  ['a script that is missing', hooks('location: scripts/stop.sh'), 'the script "scripts/stop.sh" is not in the bundle'],
  ['a script that is a folder', hooks('location: scripts'), 'the script "scripts" is a folder'],
  ['a script of Windows', hooks('location: scripts/windows.sh'), 'the script "scripts/windows.sh", which has Windows line ends (CRLF)'],
  ['a relative destination', files(['/', 'srv']), 'files.0.destination is "srv": it must be an absolute path'],
  [
    'one file twice',
    files(['scripts/start.sh', '/srv'], ['other/start.sh', '/srv/']),
    '/srv/start.sh on the servers has two sources, "scripts/start.sh" and "other/start.sh"',
  ],
  ['one file twice by folders', files(['/', '/srv'], ['scripts', '/srv/scripts']), 'has two sources'],
  [
    'a folder where a file is',
    files(['scripts/start.sh', '/srv'], ['other', '/srv/start.sh']),
    '/srv/start.sh on the servers has two sources',
  ],
  ["Holdfast's folder", files(['/', '/opt/holdfast/app']), '/opt/holdfast/app is in /opt/holdfast, which is Holdfast'],
  ["Holdfast's folder by a detour", files(['/', '/srv/../opt/holdfast']), '/opt/holdfast is in /opt/holdfast'],
  ["a folder that brings Holdfast's", files(['opt', '/opt']), '/opt/holdfast is in /opt/holdfast'],
  ['an empty account', hooks("{ location: scripts/start.sh, runas: '' }"), 'hooks.AfterInstall.0.runas is "": it must not be empty'],
  [
    'an account that is none',
    hooks('{ location: scripts/start.sh, runas: "root; id" }'),
    'runas is "root; id": it must be the name of an account',
  ],
  ['an option in the place of an account', hooks('{ location: scripts/start.sh, runas: -c }'), 'it must be the name of an account'],
  [
    'no time',
    hooks('{ location: scripts/start.sh, timeout: 0 }'),
    'hooks.AfterInstall.0.timeout is "0": it must be whole seconds from 1 to 86400',
  ],
  ['a time below zero', hooks('{ location: scripts/start.sh, timeout: -5 }'), 'timeout is "-5": it must be whole seconds'],
  ['minutes', hooks('{ location: scripts/start.sh, timeout: 5m }'), 'timeout is "5m": it must be whole seconds'],
  ['a mode with a 9', permission('mode: 649'), 'permissions.0.mode is "649": it must be one to four digits from 0 to 7'],
  ['a mode in letters', permission('mode: u+x'), 'permissions.0.mode is "u+x": it must be one to four digits'],
  ['a mode of five digits', permission('mode: "00644"'), 'it must be one to four digits'],
  [
    'access lists',
    permission('acls: ["u:tomcat:rw"]'),
    'permissions.0.acls is a list: Holdfast does not set it: set it in a script of AfterInstall',
  ],
  [
    'a context of SELinux',
    permission('context: { type: httpd_sys_content_t }'),
    'permissions.0.context is a mapping: Holdfast does not set it',
  ],
  ['a type that is a text', permission('type: file'), 'permissions.0.type is "file": it must be a list'],
  ['another type', permission('type: [link]'), 'permissions.0.type.0 is "link": it must be file or directory'],
  ['a permission without object', `${HEAD}permissions:\n  - mode: 644\n`, 'permissions.0.object is missing'],
  [
    'another behaviour',
    `${HEAD}file_exists_behavior: REPLACE\n`,
    'file_exists_behavior is "REPLACE": it must be DISALLOW or OVERWRITE or RETAIN',
  ],
  ['a bomb', bomb, 'it has aliases (*name) of no anchor, or of more than 100 parts'],
  ['an alias of nothing', `${HEAD}files: *none\n`, 'it has aliases (*name) of no anchor'],
  ['an anchor in itself', `${HEAD}files: &a\n  - *a\n`, 'files.0 is a list: it must have keys'],
  ['brackets without end', '['.repeat(20_000), 'it is not valid YAML'],
  ['a tab', `${HEAD}hooks:\n\tAfterInstall:\n`, 'it is not valid YAML'],
  ['a text', 'echo start\n', 'it is "echo start": it must have keys, such as "version: 0.0"'],
  ['a list', '- version: 0.0\n', 'it is a list: it must have keys'],
  ['nothing', '', 'it is missing: it must have keys'],
  ['bytes that are no text', Buffer.from([0x76, 0xff, 0xfe]), 'it is not UTF-8'],
];

describe('a bundle is refused, and nothing is left of it,', () => {
  it.each(APPSPECS)('for %s', async (_, appspec, sentence) => {
    const bundle = await writeBundle(join(root, 'bundle'), {
      'scripts/windows.sh': '#!/bin/sh\r\necho\r\n',
      'other/start.sh': '',
      'opt/holdfast/x': '',
    });
    await writeFile(join(bundle, 'appspec.yml'), appspec);
    const publishing = packageBundle(bundle, join(root, 'work'));
    await expect(publishing).rejects.toThrow(sentence);
    await expect(publishing).rejects.toMatchObject({
      name: 'InvalidRelease',
      message: expect.stringMatching(/^appspec[.]yml: [^\n]{1,300}[.?]$/),
    });
    expect(readdirSync(join(root, 'work'))).toEqual([]);
  });

  it('for an appspec of more than 64 KB', async () => {
    const bundle = await writeBundle(join(root, 'bundle'));
    await writeFile(join(bundle, 'appspec.yml'), `${APPSPEC}#${'x'.repeat(65_536)}\n`);
    await expect(packageBundle(bundle, join(root, 'work'))).rejects.toThrow('appspec.yml is longer than 65536 bytes, which is the limit.');
  });

  it('for a script that is a link out of it', async () => {
    const bundle = await writeBundle(join(root, 'bundle'));
    mkdirSync(join(bundle, 'links'));
    symlinkSync('/bin/true', join(bundle, 'links/start'));
    await expect(packageBundle(bundle, join(root, 'work'))).rejects.toThrow(
      'The link "links/start" points to "/bin/true": a link in a release must be relative.',
    );
  });
});

describe('an appspec is read as the agent reads it:', () => {
  const read = (appspec: string) => readAppspec(Buffer.from(appspec), 'appspec.yml');

  it('what is not there has its defaults', () => {
    expect(read(HEAD)).toEqual({ files: [], permissions: [], fileExists: 'DISALLOW', hooks: {} });
    expect(read(hooks('location: a.sh')).hooks).toEqual({ AfterInstall: [{ location: 'a.sh', timeout: 3_600 }] });
  });

  it.each<[string, string, object]>([
    [
      'empty keys and null are not there',
      `${HEAD}files:\npermissions: ~\nhooks: { BeforeInstall: null, AfterInstall: }\n`,
      { files: [], hooks: {} },
    ],
    ['modes are the digits that are written', permission('mode: 0644'), { permissions: [{ object: '/srv', mode: '0644' }] }],
    ['modes in quotes too', permission('mode: "0755"'), { permissions: [{ object: '/srv', mode: '0755' }] }],
    [
      'keys that it ignores',
      `${hooks('{ location: a.sh, sudo: true, commands: [x] }')}Resources: [x]\n`,
      { hooks: { AfterInstall: [{ location: 'a.sh', timeout: 3_600 }] } },
    ],
    [
      'names of accounts without spaces around',
      hooks('{ location: " /a.sh ", runas: " tomcat " }'),
      { hooks: { AfterInstall: [{ location: 'a.sh', timeout: 3_600, runas: 'tomcat' }] } },
    ],
    [
      'anchors and merged keys',
      `${HEAD}x: &script { timeout: 60, runas: root }\nhooks:\n  AfterInstall:\n    - { <<: *script, location: a.sh }\n`,
      { hooks: { AfterInstall: [{ location: 'a.sh', timeout: 60, runas: 'root' }] } },
    ],
    ['the first document alone', `${HEAD}---\nversion: 9\n`, { fileExists: 'DISALLOW' }],
    [
      'a byte order mark, and lines of Windows',
      `\ufeff${HEAD}file_exists_behavior: RETAIN\n`.replaceAll('\n', '\r\n'),
      { fileExists: 'RETAIN' },
    ],
    ['version 0 and 0.00', 'version: 0\nos: linux\n', { hooks: {} }],
    [
      'JSON, which is YAML',
      '{"version": 0.0, "os": "linux", "files": [{"source": "./a/", "destination": "/srv//b/"}]}',
      { files: [{ source: 'a', destination: '/srv/b' }] },
    ],
    [
      'patterns and exceptions',
      permission('pattern: "*.sh"\n    except: [a.sh]\n    type: [file]'),
      { permissions: [{ object: '/srv', pattern: '*.sh', except: ['a.sh'], type: ['file'] }] },
    ],
  ])('%s', (_, appspec, expected) => {
    expect(read(appspec)).toMatchObject(expected);
  });
});
