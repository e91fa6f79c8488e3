/** The numbers that a user writes are of versions that can be had. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { canJoinCluster, LEAST_TOMCATS } from '../../../../cli/releases/tomcat/check-tomcat-cluster.ts';
import { newestSeen, SEEN_VERSIONS } from './versions-to-have.ts';

const DOCS = ['examples/tomcat-with-redisson/pom.xml', 'docs/tomcat.md', 'docs/tomcat-cluster.md']
  .map((page) => readFileSync(page, 'utf8'))
  .join('\n');
const TOMCATS: readonly string[] = SEEN_VERSIONS['org.apache.tomcat:tomcat'];
const rowOf = (branch: string): readonly string[] =>
  DOCS.split('\n')
    .find((line) => line.startsWith(`| ${branch} `))
    ?.split('|')
    .map((cell) => cell.trim()) ?? [];

describe('the versions in docs/tomcat.md and docs/tomcat-cluster.md', () => {
  it.each(LEAST_TOMCATS.map((least) => [least.split('.').slice(0, 2).join('.'), least]))(
    'of branch %s rest on %s, and on a newer one that was seen, or say that there is none',
    (branch, least) => {
      const [, , unreadable = '', repeated = '', newest = '', written = ''] = rowOf(branch);
      expect([unreadable, repeated].toSorted((a, b) => Number(b.split('.')[2]) - Number(a.split('.')[2]))[0]).toBe(least);
      expect(newest).toBe(newestSeen(branch));
      if (canJoinCluster(newest)) expect(written).toBe(`\`${newest}\``);
      else expect(written).toMatch(/^none from Maven: /);
    },
  );

  it('that a user writes for Tomcat were seen', () => {
    const written = [...DOCS.matchAll(/(?:<tomcat\.version>|[Ww]rite `)([0-9]+\.[0-9]+\.[0-9]+)/g)].map(([, version]) => version);
    expect(written).toEqual(['10.1.59', '9.0.117', '11.0.24']);
    for (const version of written) expect(TOMCATS).toContain(version);
  });

  it.each(['examples/tomcat-with-redisson', 'examples/tomcat-app', 'test/e2e/foreign-wars'])('of %s were seen', (project) => {
    const pom = readFileSync(`${project}/pom.xml`, 'utf8');
    const property = (name: string) => new RegExp(`<${name}>([^<]+)<`).exec(pom)?.[1];
    const [, manager = ''] = /<artifactId>(redisson-tomcat-[0-9]+)</.exec(pom) ?? [];
    expect(TOMCATS).toContain(property('tomcat.version'));
    expect(SEEN_VERSIONS[`org.redisson:${manager}` as keyof typeof SEEN_VERSIONS]).toContain(property('redisson.version'));
  });
});
