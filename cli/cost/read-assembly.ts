/** Reads a synthesized assembly: a manifest and one template per stack. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { CommandFailure, EXIT } from '../failure.ts';
import { type Assembly, at, type Stack } from './template.ts';

/** Tag that the app puts on every stack. */
const INSTALLATION_TAG = 'holdfast:installation';

/** @throws CommandFailure UnreadableAssembly */
export async function readAssembly(folder: string): Promise<Assembly> {
  const manifest = await readJson(folder, 'manifest.json');
  const artifacts = Object.entries((at(manifest, 'artifacts') ?? {}) as Record<string, unknown>)
    .filter(([, artifact]) => at(artifact, 'type') === 'aws:cloudformation:stack')
    .filter(([, artifact]) => at(artifact, 'properties', 'tags', INSTALLATION_TAG) !== undefined);
  const first = artifacts[0]?.[1];
  if (first === undefined) throw unreadable(folder, `its manifest has no stack with the tag ${INSTALLATION_TAG}`);
  const stacks = await Promise.all(
    artifacts.map(async ([id, artifact]): Promise<Stack> => {
      const file = at(artifact, 'properties', 'templateFile');
      // The CDK writes templates next to the manifest; any other path is not the CDK's.
      if (typeof file !== 'string' || path.basename(file) !== file) throw unreadable(folder, `stack ${id} has no template`);
      const resources = at(await readJson(folder, file), 'Resources') ?? {};
      return { name: String(at(artifact, 'properties', 'stackName') ?? id), resources: resources as Stack['resources'] };
    }),
  );
  return {
    installation: String(at(first, 'properties', 'tags', INSTALLATION_TAG)),
    region: String(at(first, 'environment')).split('/').at(-1) ?? '',
    stacks,
  };
}

/** When the assembly was synthesized; undefined when there is none. */
export async function assemblyTime(folder: string): Promise<Date | undefined> {
  return stat(path.join(folder, 'manifest.json')).then(
    ({ mtime }) => mtime,
    () => undefined,
  );
}

async function readJson(folder: string, name: string): Promise<unknown> {
  const file = path.join(folder, name);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw unreadable(folder, `${name} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable(folder, `${name} is not valid JSON`);
  }
}

function unreadable(folder: string, problem: string): CommandFailure {
  return new CommandFailure(
    'UnreadableAssembly',
    `${folder} is not an assembly of Holdfast: ${problem}. Set --assembly to a folder that "npx cdk synth" wrote, or omit it.`,
    EXIT.badInput,
  );
}
