/** What each suite of tests proves, and which files belong to it: the rows of docs/internals/testing.md. */
export interface Suite {
  readonly name: string;
  readonly proves: string;
  readonly command: string;
  /** Paths of its test files, from the repository's root; undefined where it has no files of its own. */
  readonly files: RegExp | undefined;
}

export const SUITES: readonly Suite[] = [
  {
    name: 'decisions and adapters',
    proves: 'each decision of deploys, sweeps and incidents, by tables; adapters against the real store and real HTTP',
    command: '`npm test`',
    files: /^test\/(?:functions|advisor|session)\/(?!.*\.full\.)/,
  },
  {
    name: 'templates and documents',
    proves: 'the synthesized templates, their permissions, and the Python that runs on servers, by real processes',
    command: '`npm test`',
    files: /^test\/(?:infra|server)\/(?!.*\.full\.)/,
  },
  {
    name: 'local cloud',
    proves: "AWS's behaviour in the gateway: shapes by botocore's models, load balancing, IAM, faults",
    command: '`npm test`',
    files: /^lab\/(?:demo|local-aws|processes)\/(?!.*\.full\.)/,
  },
  {
    name: 'command line, console and set-up',
    proves: 'what people run and see: output, exit codes, pages in a real browser, installation',
    command: '`npm test`',
    files:
      /^(?:test\/(?:(?:bin|canary|cli|console|setup|docs|ops|examples|words|architecture|changed|leaks|package)\/(?!.*\.full\.)|[^/]*$)|lab\/(?:bench|monitoring|rehearse)\/(?!.*\.full\.))/,
  },
  {
    name: 'simulation',
    proves: 'what holds at every moment of a deploy whatever fails, on the real state machines and functions; 2 seeds in `npm test`',
    command: '`npm run simulate`',
    files: /^lab\/simulation\/(?!.*\.full\.)/,
  },
  {
    name: 'scenarios',
    proves: 'deploys, clean-ups, incidents and sweeps on the deployed stacks of one local cloud, with IAM; no leak, no refused call',
    command: '`npm test`',
    files: /^test\/e2e\/(?!.*\.full\.)/,
  },
  {
    name: 'full run',
    proves: 'every fault under live traffic, Tomcat and Spring, outages of the store, the first day, monitoring',
    command: '`npm run test:full`',
    files: /\.full\.test\.ts$|^whole |^the smoke on LocalStack$/,
  },
];
