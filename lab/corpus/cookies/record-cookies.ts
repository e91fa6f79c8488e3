/** Runs a framework's site, lets Chromium log in, work and log out, and writes what the answers set. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { freePort } from '../../processes/free-port.ts';
import { otherId } from '../record/fixed-ids.ts';
import { installLibrary, logOf, type Program } from '../record/install.ts';
import { Chromium, proxyTo, replay } from './browse.ts';
import { BROWSER_RULES } from './browser-rules.ts';
import { type CookieFramework, STEPS } from './frameworks.ts';
import { PUBLIC_REPORTS } from './public-reports.ts';
import { COOKIES_FOLDER, type CookieRecording, type CookieVariant, cookiesFileOf, type REPORTS, RULES } from './recorded-cookies.ts';

const START_LIMIT_MS = 120_000;
/** An age that slides is seen to. */
const PAUSE_MS = 2_100;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const status = (port: number): Promise<number> =>
  new Promise((resolve) => {
    request({ host: '127.0.0.1', port, path: '/ready', timeout: 5_000 }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .once('error', () => resolve(0))
      .end();
  });

async function start(program: Program, framework: CookieFramework, variant: string, port: number): Promise<ChildProcess> {
  const out = openSync(logOf(framework.name, `cookies-${variant}`), 'w');
  const child = spawn(program.command, [...program.args, framework.name, variant], {
    cwd: program.cwd,
    env: { ...process.env, ...program.env, PORT: String(port), TZ: 'UTC' },
    stdio: ['ignore', out, out],
  });
  const endMs = Date.now() + START_LIMIT_MS;
  while ((await status(port)) === 0) {
    if (child.exitCode !== null || Date.now() > endMs) {
      child.kill('SIGKILL');
      throw new Error(
        `The site of ${framework.name} did not start: ${logOf(framework.name, `cookies-${variant}`)} says why. Nothing was recorded.`,
      );
    }
    await pause(200);
  }
  return child;
}

/** What a value is made of that can be random. Words of a framework's own stay, such as PHP's `deleted`. */
const partsOf = (value: string): string[] =>
  value.split(/%[0-9A-Fa-f]{2}|[^A-Za-z0-9_-]/).filter((part) => part.length >= 6 && !/^[A-Z]?[a-z]{1,12}(?:Me)?$/.test(part));
const valueIn = (header: string): string => /^[^=;]*=([^;]*)/.exec(header)?.[1] ?? '';

/** The answers with other values, each always the same. */
function withStandIns(variants: readonly CookieVariant[], seed: string): CookieVariant[] {
  const values = variants.flatMap(({ answers }) => answers.flatMap(({ setCookie }) => setCookie.map(valueIn)));
  const standIns = [...new Set(values.flatMap(partsOf))]
    .map((part, at) => otherId(part, `${seed} ${at}`))
    .toSorted(([one], [other]) => other.length - one.length);
  const outOf = (text: string) => standIns.reduce((result, [part, other]) => result.replaceAll(part, () => other), text);
  // Also where a name has an id in it; the attributes stay.
  const header = (text: string) => text.replace(/^[^;]*/, outOf);
  return variants.map(({ variant, answers }) => ({
    variant,
    answers: answers.map((answer) => ({
      ...answer,
      setCookie: answer.setCookie.map(header),
      has: answer.has.map((cookie) => ({ ...cookie, name: outOf(cookie.name), value: outOf(cookie.value) })),
    })),
  }));
}

export async function recordCookies(framework: CookieFramework): Promise<string> {
  const { name, version, packages, cookie, steps = STEPS } = framework;
  const program = await installLibrary({ ...framework, name: `cookies-${framework.installedAs ?? name}`, args: [] });
  const chromium = await Chromium.open();
  const variants: CookieVariant[] = [];
  try {
    for (const variant of framework.variants) {
      const port = await freePort();
      const site = await start(program, framework, variant, port);
      try {
        variants.push({ variant, answers: await chromium.visit(proxyTo(port), steps, PAUSE_MS) });
      } finally {
        site.kill('SIGKILL');
      }
    }
  } finally {
    await chromium.close();
  }
  const recording: CookieRecording = {
    framework: framework.framework,
    version,
    packages,
    command: `npm run record -- cookies/${name}`,
    cookie,
    judge: chromium.version,
    variants: withStandIns(variants, name),
  };
  return write(name, recording);
}

/** What Chromium makes of headers that no framework sets here: those of public reports, and those of browsers' rules. */
export async function recordHeaders(name: typeof REPORTS | typeof RULES): Promise<string> {
  const isOfRules = name === RULES;
  const lists: readonly Pick<(typeof BROWSER_RULES)[number], 'name' | 'answers'>[] = isOfRules ? BROWSER_RULES : PUBLIC_REPORTS;
  const chromium = await Chromium.open();
  try {
    const variants: CookieVariant[] = [];
    for (const { name: variant, answers } of lists) {
      const steps = answers.map(({ request: one }) => one);
      variants.push({ variant, answers: await chromium.visit(replay(answers, isOfRules), steps, isOfRules ? 0 : PAUSE_MS) });
    }
    const none = { framework: name.replace('-', ' '), version: '', packages: {}, cookie: 'SID' };
    return write(name, { ...none, command: `npm run record -- cookies/${name}`, judge: chromium.version, variants });
  } finally {
    await chromium.close();
  }
}

function write(name: string, recording: CookieRecording): string {
  mkdirSync(COOKIES_FOLDER, { recursive: true });
  writeFileSync(cookiesFileOf(name), `${JSON.stringify(recording, null, 1)}\n`);
  return `cookies/${name}: ${recording.variants.flatMap(({ answers }) => answers.flatMap(({ setCookie }) => setCookie)).length} headers`;
}
