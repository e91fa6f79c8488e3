/** `npm run docs`: writes the pages of docs that are made from the code, or their tables and drawings. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { REPOSITORY } from './run-node.ts';

const HELP = `Usage: npm run docs -- [PAGE] [options]

Write PAGE, or the part of it that is generated. Without PAGE, write those that need nothing but the checkout (*).

  additions *        what is added to an account, of docs/cost.md, from the synthesized templates
  architecture *     the two drawings of docs/internals/architecture.md, from the imports and the synthesized templates
  canary-recipe *    docs/canary-recipe.schema.json and the table of docs/canary.md, from the schema of recipes
  compatibility *    docs/compatibility.md, from a sweep of the recorded keys, and the recorded errors
  configuration *    the tables of docs/configuration.md, from the schema of the configuration
  cookies *          the tables of session cookies in docs/tomcat-sessions.md and docs/express.md, from the recorded cookies
  doctor *           the table of docs/doctor.md, from the list of checks
  figures *          the figures of README.md, docs/internals/benchmarks.md and docs/cost.md, from recorded benchmarks and the templates
  incidents *        docs/incidents.md, from the table of causes
  mitigations *      the table of docs/mitigations.md, from the descriptors of mitigations
  step-functions *   docs/internals/step-functions.md, from the table of features and what the simulation can run of it
  emulators          the table of docs/internals/localstack.md; runs every ability in three places, and needs what LocalStack needs
  testing            the table of docs/internals/testing.md, from the reports of the last npm test and parts of npm run test:full

  --only PLACE       of emulators: run the abilities in one place, print what each can do, and write nothing
  --print            of testing: print the table, and write nothing
  --help

Examples:
  npm run docs
  npm run docs -- incidents
  npm run docs -- emulators --only "default emulator"

Exit codes: 0 written, 1 a page could not be written, 2 a page or an option is wrong.
`;

interface Page {
  /** Needs nothing but the checkout. */
  readonly isFromCheckout: boolean;
  readonly option?: { readonly only: { readonly type: 'string' } } | { readonly print: { readonly type: 'boolean' } };
  /** @returns the exit code */
  write(options: { readonly only?: string; readonly print?: boolean }): Promise<number>;
}

const fileOf = (page: string): string => path.join(REPOSITORY, 'docs', `${page}.md`);

async function writeArchitecture(): Promise<number> {
  // Templates are the same without the functions' bundles, which take most of a synthesis.
  (await import('../lab/simulation/installation/synthesize-without-bundles.ts')).leaveOutBundles();
  const { AWS_CONFIG, SynthesizedApp } = await import('./infra/synthesized.ts');
  const { architecturePage } = await import('./docs/architecture/page.ts');
  const app = await SynthesizedApp.create(AWS_CONFIG);
  try {
    writeFileSync(fileOf('internals/architecture'), architecturePage(readFileSync(fileOf('internals/architecture'), 'utf8'), app));
  } finally {
    await app.remove();
  }
  return 0;
}

async function writeCanaryRecipe(): Promise<number> {
  const { canaryPage, describedRecipe } = await import('./docs/canary-recipe.ts');
  const file = path.join(REPOSITORY, 'docs', 'canary-recipe.schema.json');
  const input = JSON.stringify(describedRecipe(), null, 2);
  // As the check of formats wants it.
  writeFileSync(file, execFileSync('node_modules/.bin/biome', ['format', `--stdin-file-path=${file}`], { cwd: REPOSITORY, input }));
  writeFileSync(fileOf('canary'), canaryPage(readFileSync(fileOf('canary'), 'utf8')));
  return 0;
}

async function writeCompatibility(): Promise<number> {
  const [{ startStore }, { checkCommitted }, { compatibilityPage }, { readWords }] = await Promise.all([
    import('./functions/sweep/real-store.ts'),
    import('../lab/corpus/check/report.ts'),
    import('../lab/corpus/check/compatibility-page.ts'),
    import('../lab/corpus/words/recording.ts'),
  ]);
  const store = await startStore();
  try {
    writeFileSync(fileOf('compatibility'), compatibilityPage((await checkCommitted(store)).checked, readWords()));
  } finally {
    await store.stop();
  }
  return 0;
}

async function writeConfiguration(): Promise<number> {
  const { configurationPage } = await import('./docs/configuration-page.ts');
  writeFileSync(fileOf('configuration'), configurationPage(readFileSync(fileOf('configuration'), 'utf8')));
  return 0;
}

async function writeCookies(): Promise<number> {
  const [{ COOKIE_PAGES, cookieTable }, { readCookies }, { withTable }] = await Promise.all([
    import('../lab/corpus/check/cookie-table.ts'),
    import('../lab/corpus/cookies/recorded-cookies.ts'),
    import('./docs/figures-pages.ts'),
  ]);
  const recordings = readCookies();
  for (const [page, [name, settings]] of Object.entries(COOKIE_PAGES)) {
    const recording = recordings.get(name);
    if (recording === undefined) throw new Error(`there is no recording of the cookies of ${name}`);
    const rows = cookieTable(recording, settings).split('\n').slice(2);
    const file = path.join(REPOSITORY, page);
    const cells = rows.map((row) => row.split('|').slice(1, -1)).map((row) => row.map((cell) => cell.trim()));
    writeFileSync(file, withTable(readFileSync(file, 'utf8'), 'settings ', cells));
  }
  return 0;
}

async function writeDoctor(): Promise<number> {
  const { doctorPage } = await import('./docs/doctor-page.ts');
  writeFileSync(fileOf('doctor'), doctorPage(readFileSync(fileOf('doctor'), 'utf8')));
  return 0;
}

async function writeIncidents(): Promise<number> {
  const { incidentsPage } = await import('./docs/incidents-page.ts');
  writeFileSync(fileOf('incidents'), incidentsPage());
  return 0;
}

async function writeMitigations(): Promise<number> {
  const { mitigationsPage } = await import('./docs/mitigations-page.ts');
  writeFileSync(fileOf('mitigations'), mitigationsPage(readFileSync(fileOf('mitigations'), 'utf8')));
  return 0;
}

async function writeStepFunctions(): Promise<number> {
  const [{ stepFunctionsPage }, { runSimulated }, { TABLE }] = await Promise.all([
    import('../lab/local-aws/test/step-functions/page.ts'),
    import('../lab/local-aws/test/step-functions/simulated-cloud.ts'),
    import('../lab/local-aws/test/step-functions/table.ts'),
  ]);
  writeFileSync(fileOf('internals/step-functions'), stepFunctionsPage(await Promise.all(TABLE.map((row) => runSimulated(row)))));
  return 0;
}

const PAGES: Readonly<Record<string, Page>> = {
  additions: { isFromCheckout: true, write: async () => (await import('./write-additions.ts')).writeAdditions() },
  architecture: { isFromCheckout: true, write: writeArchitecture },
  'canary-recipe': { isFromCheckout: true, write: writeCanaryRecipe },
  compatibility: { isFromCheckout: true, write: writeCompatibility },
  configuration: { isFromCheckout: true, write: writeConfiguration },
  cookies: { isFromCheckout: true, write: writeCookies },
  doctor: { isFromCheckout: true, write: writeDoctor },
  emulators: {
    isFromCheckout: false,
    option: { only: { type: 'string' } },
    write: async ({ only }) => (await import('../lab/local-aws/test/emulators/write-table.ts')).writeTable(only),
  },
  figures: { isFromCheckout: true, write: async () => (await import('./write-figures.ts')).writeFigures() },
  incidents: { isFromCheckout: true, write: writeIncidents },
  mitigations: { isFromCheckout: true, write: writeMitigations },
  'step-functions': { isFromCheckout: true, write: writeStepFunctions },
  testing: {
    isFromCheckout: false,
    option: { print: { type: 'boolean' } },
    write: async ({ print = false }) => (await import('./write-testing-page.ts')).writeTestingPage(print),
  },
};

/** What the words ask for, or what is wrong with them. */
function chosen(args: readonly string[]): readonly (() => Promise<number>)[] | string {
  const [name, ...options] = args;
  if (name === undefined) return Object.values(PAGES).flatMap((page) => (page.isFromCheckout ? () => page.write({}) : []));
  const page = Object.hasOwn(PAGES, name) ? PAGES[name] : undefined;
  if (page === undefined) {
    const what = name.startsWith('-') ? `"${name}" is where the page has to be` : `There is no page "${name}"`;
    return `${what}. Nothing was written. The pages are ${Object.keys(PAGES).join(', ')}; --help has what each is.`;
  }
  try {
    const { values } = parseArgs({ args: options, options: page.option ?? {} });
    return [() => page.write(values)];
  } catch (error) {
    return `${name}: ${(error as Error).message.split('. ')[0]}. Nothing was written. --help has the options of each page.`;
  }
}

/** @returns the exit code */
export async function writeDocs(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(HELP);
    return 0;
  }
  const writers = chosen(args);
  if (typeof writers === 'string') {
    process.stderr.write(`${writers}\n`);
    return 2;
  }
  for (const write of writers) {
    const code = await write();
    if (code !== 0) return code;
  }
  return 0;
}

if (process.argv[1] === import.meta.filename)
  process.exitCode = await writeDocs(process.argv.slice(2)).catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    return 1;
  });
