import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseApp } from '../../app/choose-app.ts';
import type { LocalApp } from '../../app/local-app.ts';
import { readProject } from '../../app/read-project.ts';
import type { FleetInput } from '../../local-settings.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast-'));
  const contract = { start: ['./run'], port: 9000, health: { loadBalancer: '/alive', ready: '/works' } };
  writeFileSync(path.join(folder, 'holdfast.app.json'), JSON.stringify(contract));
});
afterAll(() => rmSync(folder, { recursive: true }));

const JETTY: LocalApp = { server: { port: 1 }, build: async () => 'built' };
const choose = (app?: string, project?: FleetInput) =>
  chooseApp(app, path.dirname(folder), project, { jetty: async () => JETTY, tomcat: () => Promise.reject(new Error('no JDK')) });

describe('the server of --app', () => {
  it('is an example by its name, a folder by its path, and else the Node example', async () => {
    expect(await choose('jetty')).toBe(JETTY);
    expect(await choose(path.basename(folder))).toMatchObject({ server: { port: 9000, healthPath: '/alive' } });
    expect(await choose()).toMatchObject({ server: { port: 8080, healthPath: '/live' } });
  });

  it('is refused in one sentence when it is neither, and when an example lacks something', async () => {
    await expect(choose('resin')).rejects.toThrow(
      /^--app .*resin cannot be deployed: it does not exist \(the examples are jetty and tomcat\); nothing was started$/,
    );
    await expect(choose('tomcat')).rejects.toThrow('no JDK');
  });

  it('can be a WAR, which needs a Tomcat in the configuration', async () => {
    writeFileSync(path.join(folder, 'shop.war'), 'PK');
    const war = `${path.basename(folder)}/shop.war`;
    await expect(choose(war)).rejects.toThrow(/shop\.war cannot be deployed: it is a WAR, and .* has no "app" .*; nothing was started$/);
    const app = {
      kind: 'tomcat',
      home: '/opt/tomcat',
      javaHome: '/opt/java',
      health: { loadBalancer: '/alive', ready: '/works' },
    } as const;
    expect(await choose(war, { app })).toMatchObject({ javaHome: '/opt/java', server: { port: 8080, healthPath: '/alive' } });
  });
});

describe("the project's configuration file", () => {
  const write = (text: string) => {
    const file = path.join(folder, 'mine.json');
    writeFileSync(file, text);
    return file;
  };
  const read = (file: string) => readProject({ fleet: 'web', realTime: false, example: false }, file);
  const web = { allowPlainHttp: true, strategy: 'sticky' };

  it('is named with what of it applies', () => {
    const file = write(JSON.stringify({ fleets: { web } }));
    expect(read(file)).toEqual({
      fleet: { strategy: 'sticky' },
      line: `${file}, fleet web: strategy applies here; allowPlainHttp does not apply here`,
    });
  });

  it('without the fleet changes nothing, which is said', () => {
    const file = write(JSON.stringify({ fleets: { shop: web } }));
    expect(read(file)).toEqual({ fleet: {}, line: `${file} has no fleet web, so nothing in it applies here; its fleets: shop` });
  });

  it.each([
    ['{', 'is not valid JSON'],
    [JSON.stringify({ fleets: { web: { ...web, stategy: 'redis' } } }), 'is no key of a configuration'],
  ])('%s is refused', (text, message) => {
    expect(() => read(write(text))).toThrow(message);
  });

  it('that was named has to exist', () => {
    expect(() => read('/nowhere/holdfast.config.json')).toThrow('/nowhere/holdfast.config.json cannot be read (ENOENT)');
  });
});
