import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { localConfiguration } from '../../../lab/monitoring/start-servers.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../../ops/monitoring');
const text = (name: string) => readFileSync(path.join(FOLDER, name), 'utf8');

/** The part of the Compose specification that the file uses; whatever else stands there is a mistake. */
const Compose = z.strictObject({
  name: z.string(),
  services: z.record(
    z.string(),
    z.strictObject({
      image: z.string(),
      restart: z.literal('unless-stopped'),
      command: z.array(z.string()).optional(),
      environment: z.record(z.string(), z.string()).optional(),
      secrets: z.array(z.string()).optional(),
      volumes: z.array(z.string()),
      ports: z.array(z.string()),
      read_only: z.boolean().optional(),
      cap_drop: z.array(z.string()),
      security_opt: z.array(z.string()),
      depends_on: z.array(z.string()).optional(),
    }),
  ),
  secrets: z.record(z.string(), z.strictObject({ file: z.string() })),
  volumes: z.record(z.string(), z.null()),
});
const compose = Compose.parse(parse(text('docker-compose.yml')));
const services = Object.entries(compose.services);
const mountsOf = (service: string) =>
  (compose.services[service]?.volumes ?? []).map((volume) => volume.split(':') as [string, string, string?]);

describe('docker-compose.yml', () => {
  it('pins the version of each image', () => {
    expect(services.map(([name]) => name)).toEqual(['redis-exporter', 'prometheus', 'grafana']);
    for (const [name, { image }] of services) expect(image, name).toMatch(/^[\w.-]+\/[\w.-]+:v?\d+\.\d+\.\d+$/);
  });

  it('opens its ports to this machine alone', () => {
    for (const [name, { ports }] of services) for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it('mounts, read-only, what is in the repository', () => {
    for (const [name] of services) {
      for (const [source, , mode] of mountsOf(name)) {
        if (!source.startsWith('.')) expect(Object.keys(compose.volumes), name).toContain(source);
        else expect([existsSync(path.join(FOLDER, source)), mode], `${name}: ${source}`).toEqual([true, 'ro']);
      }
    }
  });

  it('waits only for services that it has', () => {
    const names = services.map(([name]) => name);
    for (const [name, { depends_on: before = [] }] of services) expect(names, name).toEqual(expect.arrayContaining(before));
  });

  it('has every password in a file that git does not take', () => {
    for (const [name, { environment = {}, secrets = [] }] of services) {
      for (const [key, value] of Object.entries(environment)) {
        if (!/password/i.test(key)) continue;
        expect(value, `${name}: ${key}`).toMatch(/^\/run\/secrets\/\w+$/);
        expect(secrets, name).toContain(path.basename(value));
      }
      expect(Object.keys(compose.secrets)).toEqual(expect.arrayContaining(secrets));
    }
    for (const { file } of Object.values(compose.secrets)) expect(file).toMatch(/^\.\/secrets\/[\w.-]+$/);
    expect(text('secrets/.gitignore').split('\n')[0]).toBe('*');
    expect(text('docker-compose.yml')).not.toMatch(/REDIS_PASSWORD[:=]|ADMIN_PASSWORD[:=]|redis(s)?:\/\/[^@\s"]*:[^@\s"]*@/);
  });

  it('asks for no CONFIG, which ElastiCache blocks, and for no scan of the keys', () => {
    const environment = compose.services['redis-exporter']?.environment ?? {};
    expect(environment['REDIS_EXPORTER_CONFIG_COMMAND']).toBe('-');
    expect(Object.keys(environment).filter((key) => /COUNT_KEYS|CHECK_|SKIP_TLS/.test(key))).toEqual([]);
  });
});

describe('Prometheus', () => {
  const configuration = parse(text('prometheus/prometheus.yml'));

  it('scrapes the exporter where Compose has it, node by node', () => {
    const port = Number(compose.services['redis-exporter']?.ports[0]?.split(':').at(-1));
    const [nodes, exporter] = configuration.scrape_configs;
    expect(nodes.relabel_configs.at(-1)).toEqual({ target_label: '__address__', replacement: `redis-exporter:${port}` });
    expect(exporter.static_configs).toEqual([{ targets: [`redis-exporter:${port}`] }]);
  });

  it('finds its rules and targets among what is mounted', () => {
    const folder = '/etc/prometheus';
    const mounted = mountsOf('prometheus').map(([, target]) => target);
    expect(mounted).toContain(`${folder}/prometheus.yml`);
    for (const pattern of [...configuration.rule_files, ...configuration.scrape_configs[0].file_sd_configs[0].files])
      expect(mounted).toContain(`${folder}/${path.dirname(pattern)}`);
  });

  it('is given the nodes that the example of the password file has, by TLS', () => {
    const [{ labels, targets }] = parse(text('prometheus/targets/store.yml'));
    const keys = Object.keys(JSON.parse(text('secrets/store-passwords.example.json')));
    expect(labels.store).toBe('holdfast-sessions');
    expect(keys).toEqual(targets.map((target: string) => target.replace('rediss://', 'rediss://monitoring@')));
    expect(Object.values(JSON.parse(text('secrets/store-passwords.example.json'))).join('')).toBe('');
  });

  it('is checked with the configuration that is deployed', () => {
    const local = parse(localConfiguration(text('prometheus/prometheus.yml'), 12_345, '/run/targets.json'));
    expect(local.scrape_configs[0].relabel_configs.at(-1).replacement).toBe('127.0.0.1:12345');
    expect(local.scrape_configs[0].file_sd_configs).toEqual([{ files: ['/run/targets.json'] }]);
    expect(() => localConfiguration('global: {}', 1, '')).toThrow('names no redis-exporter:9121');
  });
});

describe('Grafana', () => {
  const [source] = parse(text('grafana/provisioning/datasources/prometheus.yml')).datasources;
  const [provider] = parse(text('grafana/provisioning/dashboards/holdfast.yml')).providers;

  it('is provisioned with Prometheus, its rules and the dashboard', () => {
    expect(source).toMatchObject({ uid: 'prometheus', type: 'prometheus', url: 'http://prometheus:9090', isDefault: true });
    expect(source.jsonData.manageAlerts).toBe(true);
    const mounted = mountsOf('grafana').map(([, target]) => target);
    expect(mounted).toEqual(expect.arrayContaining(['/etc/grafana/provisioning', provider.options.path]));
  });

  it('draws panels that do not overlap, each with a title, a unit and the provisioned source', () => {
    const { panels, templating } = JSON.parse(text('grafana/dashboards/session-store.json'));
    const taken = new Set<string>();
    for (const { id, type, title, gridPos, datasource, targets, fieldConfig } of panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken.has(`${x},${y}`), `${title} overlaps`).toBe(false);
          taken.add(`${x},${y}`);
        }
      }
      if (type === 'row') continue;
      expect(fieldConfig.defaults.unit, title).toBeTruthy();
      for (const { datasource: asked } of [{ datasource }, ...targets])
        expect(asked, title).toEqual({ type: source.type, uid: source.uid });
      expect(panels.filter((panel: { id: number; title: string }) => panel.id === id || panel.title === title).length, title).toBe(1);
    }
    expect(templating.list.map(({ name }: { name: string }) => name)).toEqual(['store']);
  });
});
