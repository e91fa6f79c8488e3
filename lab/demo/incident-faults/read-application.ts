/** Which application the local servers run, for the faults that only an example can have. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { httpSender } from '../traffic/http-client.ts';

/** What the release of the Node example names itself in its package.json. */
const NODE_EXAMPLE = 'counter';
const ANSWER_MS = 2_000;

/**
 * Whether every server of the fleet that has a release has one of the Node example: another application ignores its variables.
 * @param runFolder of the local cloud: with a folder for each server, of this fleet and of others
 * @param instanceIds of the fleet's servers
 */
export async function runsNodeExample(runFolder: string, instanceIds: readonly string[]): Promise<boolean> {
  const releases = instanceIds.map((id) => path.join(runFolder, 'instances', id, 'opt/holdfast/current'));
  const names = await Promise.all(
    releases.filter((folder) => existsSync(folder)).map((folder) => nameOf(path.join(folder, 'package.json'))),
  );
  return names.length > 0 && names.every((name) => name === NODE_EXAMPLE);
}

/** Undefined where the release has none, as in Java and Python. */
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
