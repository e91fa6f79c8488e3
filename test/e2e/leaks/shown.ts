/** What the console and the CLI show of the kept cloud. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { cloud, kept } from '../fleet.ts';
import type { Content, Contents, Place } from './content.ts';

const LATEST = 3;
const TIMEOUT_MS = 120_000;

async function latestIds(): Promise<{ readonly deploys: readonly string[]; readonly sweeps: readonly string[] }> {
  const { records, sweeps, fleet } = await cloud();
  const [deploys, latest] = await Promise.all([records.latestDeploys(fleet, LATEST), sweeps.latestSweeps(LATEST)]);
  return { deploys: deploys.map(({ deployId }) => deployId), sweeps: latest.map(({ sweepId }) => sweepId) };
}

const TOKEN = { 'x-holdfast-token': kept.token };

/** The answer to every GET of the API and, of the dashboards, to each custom widget. */
export async function* consoleAnswers(): Contents {
  const get = async (route: string): Promise<Content> => {
    const reply = await fetch(`${kept.pageUrl}api/${route}`, { headers: TOKEN, signal: AbortSignal.timeout(TIMEOUT_MS) });
    return { place: 'console', name: route, content: `${JSON.stringify([...reply.headers])}\n${await reply.text()}` };
  };
  const { deploys, sweeps } = await latestIds();
  const dashboards = await get('dashboards');
  yield dashboards;
  const { names } = JSON.parse(String(dashboards.content).split('\n')[1] as string) as { names: string[] };
  const paths = [
    'place',
    'cloud',
    'store',
    'alarms',
    'deploys',
    ...deploys.map((id) => `deploys/${id}`),
    ...sweeps.map((id) => `sweeps/${id}`),
    ...names.map((name) => `dashboards/${name}`),
    'deploys/of-none',
  ];
  for (const route of paths) yield await get(route);
  for (const name of names) yield* widgets(name);
}

async function* widgets(dashboard: string): Contents {
  const { widgets: all = [] } = (await (await fetch(`${kept.pageUrl}api/dashboards/${dashboard}`, { headers: TOKEN })).json()) as {
    widgets?: { kind?: string }[];
  };
  for (const [index] of all.entries()) {
    const route = `dashboards/${dashboard}/widgets/${index}`;
    const reply = await fetch(`${kept.pageUrl}api/${route}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...TOKEN, origin: new URL(kept.pageUrl).origin },
      body: JSON.stringify({ minutes: 60, theme: 'light', width: 600, height: 300, locale: 'en', timeZone: 'UTC', offsetMinutes: 0 }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    yield { place: 'console', name: route, content: await reply.text() };
  }
}

/** Output and errors of every command that reads, once for people and once with --json. */
export async function* commandOutput(): Contents {
  const { deploys, sweeps } = await latestIds();
  const commands = [
    ['status'],
    ['deploys'],
    ...deploys.map((id) => ['deploys', 'show', id]),
    ['deploys', 'show', 'of-none'],
    ['deploy', '0.0.0-of-none'],
    ['releases'],
    ['sweeps'],
    ...sweeps.map((id) => ['sweeps', 'show', id]),
    ['store'],
    ['doctor'],
  ];
  const all: readonly [Place, readonly (readonly string[])[]][] = [
    ['CLI as text', commands],
    ['CLI as JSON', commands.map((args) => [...args, '--json'])],
  ];
  for (const [place, lines] of all) {
    const script = path.join(import.meta.dirname, 'print-commands.ts');
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', script, JSON.stringify(lines)],
      { timeout: TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 },
    );
    yield { place, name: 'standard output', content: stdout };
    yield { place, name: 'standard error', content: stderr };
  }
}
