/** Takes the place of cli/releases/tomcat/compile-valves.ts in the package, which has the compiled jars: publishing a WAR needs no JDK. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { CompiledJars } from '../../cli/releases/tomcat/compile-valves.ts';
import { OWN_FOLDER } from '../../infra/own-files.ts';

const JARS = path.join(OWN_FOLDER, 'server/tomcat/jars');

export async function compileValves(): Promise<CompiledJars> {
  const [valves, logging] = await Promise.all(['valves.jar', 'logging.jar'].map((name) => readFile(path.join(JARS, name))));
  return { valves: valves as Uint8Array, logging: logging as Uint8Array };
}
