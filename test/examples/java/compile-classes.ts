/** Classes of a WAR, compiled from a folder of sources against a Tomcat's servlet API. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureJava } from '../../../setup/java.mjs';

/** The content of `WEB-INF/classes`, by name in the WAR. */
export function compileClasses(sources: string, tomcat: string): Record<string, Uint8Array> {
  const target = mkdtempSync(path.join(tmpdir(), 'compile-classes-'));
  try {
    const files = readdirSync(sources).map((name) => path.join(sources, name));
    const api = path.join(tomcat, 'lib', 'servlet-api.jar');
    execFileSync(path.join(ensureJava().home, 'bin', 'javac'), ['--release', '17', '-cp', api, '-d', target, ...files]);
    const classes = readdirSync(target, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.class'));
    return Object.fromEntries(classes.map((name) => [`WEB-INF/classes/${name}`, readFileSync(path.join(target, name))]));
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
}
