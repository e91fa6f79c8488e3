import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { REPOSITORY } from '../run-node.ts';
import { pageText, readPom } from './tomcat-pom.ts';

/** `groupId:artifactId:version` of everything that a pom names, with its properties filled in. */
function artifactsOf(pom: string): readonly string[] {
  const filled = pom.replace(/\$\{([\w.]+\.version)\}/g, (_, name: string) => new RegExp(`<${name}>([^<]+)<`).exec(pom)?.[1] ?? '');
  const named = filled.matchAll(/<groupId>([^<]+)<\/groupId>\s*<artifactId>([^<]+)<\/artifactId>\s*<version>([^<]+)<\/version>/g);
  return [...new Set([...named].map(([, ...parts]) => parts.join(':')).filter((name) => !name.startsWith('example:')))].sort();
}

it('docs/tomcat.md leads to a pom.xml with the versions that the example runs on', () => {
  const example = artifactsOf(readFileSync(path.join(REPOSITORY, 'examples/tomcat-app/pom.xml'), 'utf8'));
  expect(example).toContainEqual(expect.stringMatching(/^org\.apache\.tomcat:tomcat:\d+\.\d+\.\d+$/));
  expect(example.length).toBe(4);
  expect(artifactsOf(readPom())).toEqual(example);
  const version = (name: string) =>
    example
      .find((one) => one.includes(`:${name}:`))
      ?.split(':')[2]
      ?.split('.')
      .slice(0, 2)
      .join('.');
  expect(pageText.replaceAll('\n', ' ')).toContain(`runs on: Tomcat ${version('tomcat')}, Java 17, Redisson ${version('redisson')}.`);
});
