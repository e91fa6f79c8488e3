/** What a reader of each page does: every code block and, of its sentences, the commands between them; or why a block is left out. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { EXIT } from '../../../cli/failure.ts';
import { BAD_VERSION } from '../../../lab/demo/bad-release/bad-release.ts';
import { shareSetUp } from '../../changed/checkout.ts';
import { REPOSITORY } from '../../run-node.ts';
import { writeZip } from '../../zip.ts';
import { readPage } from '../check/pages.ts';
import { blocksOf } from './blocks.ts';
import type { Shell } from './shell.ts';

/** What earlier steps left for later ones. */
export interface Reader {
  readonly shell: Shell;
  /** For the folders of this walk. */
  readonly work: string;
  readonly clone: string;
  /** What `holdfast up`, or `npm start`, printed last. */
  cloud: string;
}

type Act = (reader: Reader) => unknown;
/** What the page has, and what the reader puts there. */
type Put = Readonly<Record<string, string | ((reader: Reader) => string)>>;

export interface Step {
  /** How a block begins, or all of a command of a sentence. */
  readonly printed: string;
  /** Where it is printed. @default the page that is walked */
  readonly on?: string;
  readonly leftOut?: string;
  /** In the place of running it. */
  readonly act?: (reader: Reader, block: string) => unknown;
  readonly put?: Put;
  /** What the page asks for in words before a command that begins so. */
  readonly before?: Readonly<Record<string, Act>>;
  /** Exit codes of commands that begin so, where not 0 alone is right. */
  readonly codes?: Readonly<Record<string, readonly number[]>>;
  readonly staysUp?: RegExp;
  readonly after?: (reader: Reader, printed: string) => unknown;
}

export const blockOf = (page: string, { printed, on = page }: Step): string | undefined =>
  blocksOf(readPage(on)).find((block) => block.startsWith(printed));

export const textOf = (page: string, step: Step): string => blockOf(page, step) ?? step.printed;

const inClone: Act = ({ shell, clone }) => {
  shell.folder = clone;
};
const inFolder =
  (name: string): Act =>
  ({ shell, work }) => {
    shell.folder = path.join(work, name);
    mkdirSync(shell.folder, { recursive: true });
  };
const noteCloud: Step['after'] = (reader, printed) => {
  reader.cloud = printed;
};
const build =
  (version: string, out: string): Act =>
  ({ shell }) =>
    shell.run(`node examples/node-app/build.mjs --version ${version} --out ${out}`);

const found = (pattern: RegExp) => (reader: Reader) => {
  const [, value] = pattern.exec(reader.cloud) ?? [];
  if (value === undefined) throw new Error(`the local cloud has not printed ${pattern}`);
  return value;
};
/** Which `npm run pack` prints. */
const TARBALL_FILE = 'dist/holdfast-0.1.0.tgz';
const TARBALL: Put = { TARBALL: ({ clone }) => path.join(clone, TARBALL_FILE) };
const CLOUD: Put = {
  'http://127.0.0.1:PORT': found(/AWS endpoint +(\S+)/),
  '=FILE': (reader) => `=${found(/credentials +(\S+)/)(reader)}`,
  CHECKOUT: ({ clone }) => clone,
};
const LOCAL_REGION: Put = { 'eu-west-1': 'us-east-1' };

const runs = (files: string) => `${files} takes it from the page`;
const REHEARSED = '"npm run rehearse", which this walk runs, takes it from the page';
const WITH_NAMES = 'names of a real account: the block for a local cloud has the same commands';
const ON_AWS = 'for an account: the commands before it, which are run, with --region';

const WATCH_PAGE = 'docs/watch-a-store.md';
/** As it has it for a try without an account. */
const WATCH: readonly Step[] = [
  { on: WATCH_PAGE, printed: './holdfast up', before: { '': inClone }, after: noteCloud },
  {
    on: WATCH_PAGE,
    printed: 'export AWS_ENDPOINT_URL=',
    before: { '': inFolder('watch') },
    put: { ...TARBALL, ...CLOUD },
  },
];

const STORE_ALONE: Put = {
  'holdfast-web-': 'watch-store-',
  'publisher operator reader': 'operator reader',
  'watch-store-publisher': 'watch-store-operator',
};
const ON_SERVER = "a shell on a server: test/e2e's adopted.full.test.ts shows that it serves on";

export const WALK: Readonly<Record<string, readonly Step[]>> = {
  'README.md': [
    {
      printed: 'git clone <',
      put: { '<the address of this repository>': REPOSITORY },
      before: { 'npm start': ({ clone }) => shareSetUp(clone) },
      staysUp: /What to try/,
      after: noteCloud,
    },
    {
      printed: 'deploy          1.0.0',
      act: ({ cloud }, block) => {
        const labels = block.split('\n').map((line) => line.split(/ {2,}/)[0] ?? '');
        const missing = labels.filter((label) => !cloud.includes(label));
        if (missing.length > 0) throw new Error(`npm start does not end with the page's ${missing}`);
      },
    },
    {
      printed: './holdfast fault inject store-down',
      act: async ({ shell, cloud }, block) => {
        const tries = [...cloud.matchAll(/^ {4}(\.\/holdfast .*)$/gm)].map(([, command = '']) => command);
        if (!tries.includes(block)) throw new Error(`npm start does not print "${block}" among what to try: ${tries}`);
        for (const command of tries) await shell.run(command, command.endsWith(BAD_VERSION) ? [1] : [0]);
      },
    },
    // Doctor warns of the alarms of the failures that were tried.
    {
      printed: './holdfast doctor',
      before: { '': build('1.4.2', 'build') },
      codes: { './holdfast doctor': [0, EXIT.warnings] },
    },
  ],
  [WATCH_PAGE]: [
    ...['npm install --prefix . TARBALL', 'npm install\n', './holdfast sweep --learn'].map((printed) => ({ printed, leftOut: WITH_NAMES })),
    { printed: '{\n  "account"', leftOut: 'a configuration: npm run check:docs reads it' },
    { printed: 'npm run pack', before: { '': inClone } },
    ...WATCH,
    {
      printed: 'aws sns subscribe',
      put: {
        ...LOCAL_REGION,
        '111122223333:holdfast-alarms': '000000000000:watch-alarms',
      },
    },
    {
      printed: 'node_modules/.bin/holdfast init --store sessions --region eu-west-1 --print-policy',
      after: ({ shell, clone }) => {
        shell.folder = clone;
        return shell.run('./holdfast down');
      },
    },
  ],
  'docs/install-new.md': [
    {
      printed: 'npm run rehearse',
      before: { '': inClone },
      after: (_, printed) => {
        // Its output is for an issue.
        if (printed.includes('000000000000')) throw new Error(`the rehearsal prints the account:\n${printed}`);
      },
    },
    { printed: 'aws service-quotas', leftOut: "a real account's quotas" },
    ...[
      'aws sts get-caller-identity',
      'npx --no cdk bootstrap',
      'npx --no cdk deploy --all',
      './holdfast status',
      'node examples/node-app/build.mjs --version 1.0.0',
      './holdfast deploy 1.0.0',
      'node examples/node-app/build.mjs --version 1.1.0',
      './holdfast doctor',
      'aws cloudformation update-termination',
      'npx --no cdk deploy --all -c config=$LAST',
      'npx --no cdk destroy --all',
    ].map((printed) => ({ printed, leftOut: REHEARSED })),
    {
      printed: 'npm install --prefix . ./holdfast',
      before: {
        '': (reader) => {
          inFolder('new')(reader);
          cpSync(path.join(reader.clone, TARBALL_FILE), path.join(reader.shell.folder, 'holdfast-0.1.0.tgz'));
        },
      },
      put: { 'arn ARN': 'arn arn:aws:acm:eu-west-1:111122223333:certificate/7a51fb7e-0000-4000-8000-000000000000' },
    },
    { printed: 'import { App, Stack', leftOut: runs('test/package/foreign-app.full.test.ts') },
  ],
  'docs/express.md': [
    ...['const store', 'const middleware', 'const COOKIE', 'await userSessions', '// A request whose'].map((printed) => ({
      printed,
      leftOut: 'a part of an example: test/docs/listings.test.ts compares them',
    })),
    {
      printed: './holdfast up --app ./my-server',
      before: {
        './holdfast up': async (reader) => {
          await inClone(reader);
          await build('1.0.0', 'my-server')(reader);
        },
        './holdfast releases': build('1.1.0', 'my-server'),
      },
    },
  ],
  'docs/tomcat.md': [
    {
      printed: '{\n  "fleets"',
      act: async (reader, block) => {
        await inFolder('tomcat')(reader);
        writeFileSync(path.join(reader.shell.folder, 'holdfast.config.json'), block);
        await writeWar(reader, 'first');
        cpSync(path.join(REPOSITORY, 'examples/tomcat-with-redisson/pom.xml'), path.join(reader.shell.folder, 'pom.xml'));
      },
    },
    { printed: 'mvn package' },
    {
      printed: './holdfast up --app FOLDER/app.war',
      before: { './holdfast up': inClone, './holdfast releases': (reader) => writeWar(reader, 'second') },
      put: { FOLDER: ({ work }) => path.join(work, 'tomcat') },
    },
    { printed: './holdfast releases publish 1.0.0 app.war', leftOut: ON_AWS },
    { printed: '{ "status"', leftOut: "an answer: server's tests compare it" },
  ],
  'docs/uninstall.md': [
    // A store alone, whose names the page has next to those of a fleet.
    ...WATCH,
    { printed: 'export AWS_DEFAULT_REGION=eu-west-1', put: LOCAL_REGION },
    { printed: 'account=$(aws', put: STORE_ALONE },
    {
      printed: 'aws iam detach-role-policy',
      before: {
        '': async ({ shell }) => {
          const trust = '{"Version":"2012-10-17","Statement":[]}';
          await shell.run(`aws iam create-role --role-name ROLE --assume-role-policy-document '${trust}'`);
          await shell.run(
            'aws iam attach-role-policy --role-name ROLE --policy-arn "arn:$partition:iam::$account:policy/watch-store-operator"',
          );
        },
      },
      put: STORE_ALONE,
    },
    { printed: 'aws cloudformation update-termination-protection', put: { 'holdfast-': 'watch-' } },
    { printed: 'aws elasticache modify-user-group', leftOut: 'the user of the local cloud, which is not of the installation' },
    {
      printed: 'npx --no cdk destroy --all',
      put: { '--all': '--all --force' },
      after: async (reader) => {
        await inClone(reader);
        await reader.shell.run('./holdfast down');
      },
    },
    ...['aws elbv2 deregister-targets', 'systemctl disable', 'aws elbv2 register-targets'].map((printed) => ({
      printed,
      leftOut: ON_SERVER,
    })),
    ...['npx --no cdk deploy --exclusively holdfast-inc', 'for stack'].map((printed) => ({
      printed,
      leftOut: 'an installation with several fleets, which takes half an hour',
    })),
  ],
};

/** As a reader's build has it: no health page, nothing of Holdfast. */
const writeWar = ({ work }: Reader, text: string): Promise<string> =>
  writeZip(path.join(work, 'tomcat/app.war'), { 'index.html': `<h1>${text}</h1>` });
