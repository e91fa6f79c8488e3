/** Which application the local servers run, for the faults that only an example can have. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { httpSender } from '../traffic/http-client.ts';

/** What the release of the Node example names itself in its package.json. */
const NODE_EXAMPLE = 'counter';
const ANSWER_MS = 2_000;

/** @param runFolder of the local cloud: with a folder for each server, and what it was released in that */
export async function runsNodeExample(runFolder: string): Promise<boolean> {
  const machines = path.join(runFolder, 'instances');
  const ids = await readdir(machines).catch(() => []);
  const names = await Promise.all(ids.map((id) => nameOf(path.join(machines, id, 'opt/holdfast/current/package.json'))));
  return names.includes(NODE_EXAMPLE);
}

/** Undefined where the release has none, as in Java, and on a server without a release. */
async function nameOf(file: string): Promise<unknown> {
  try {
    return (JSON.parse(await readFile(file, 'utf8')) as { name?: unknown }).name;
  } catch {
    return undefined;
  }
}

/** What the application answers to a user without a session; undefined when it does not answer. */
export async function readCountStatus(url: string, caFile: string): Promise<number | undefined> {
  const sender = httpSender({ url, caFile, connections: 1, requestTimeoutMs: ANSWER_MS });
  try {
    const { answer } = await sender.send({ method: 'GET', path: '/count' });
    return answer.kind === 'answered' ? answer.status : undefined;
  } finally {
    sender.close();
  }
}
