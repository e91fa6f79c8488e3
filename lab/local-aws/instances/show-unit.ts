/** `systemctl show`: a service's properties, as scripts read them. */
import type { ServiceProcess } from './service-process.ts';
import type { ServiceUnit } from './unit-file.ts';

/**
 * Lines of `NAME=value`, in systemd's words.
 *
 * @param unit as its file has it; undefined when there is none
 * @param service undefined when it was never started
 * @see https://www.freedesktop.org/software/systemd/man/latest/org.freedesktop.systemd1.html
 */
export function showUnit(unit: ServiceUnit | undefined, service: ServiceProcess | undefined, wanted: readonly string[]): string {
  const { environment = {}, environmentFiles = [] } = unit ?? {};
  const properties: readonly (readonly [string, string])[] = [
    ['LoadState', unit === undefined ? 'not-found' : 'loaded'],
    ['ActiveState', service?.state ?? 'inactive'],
    ['MainPID', String(service?.mainPid ?? 0)],
    ['NRestarts', String(service?.restarts ?? 0)],
    ['ExecMainStatus', String(service?.lastStatus ?? 0)],
    // There are no sockets, timers or paths.
    ['TriggeredBy', ''],
    [
      'Environment',
      Object.entries(environment)
        .map(([name, value]) => `${name}=${value}`)
        .join(' '),
    ],
    ...environmentFiles.map(({ path, optional }) => ['EnvironmentFiles', `${path} (ignore_errors=${optional ? 'yes' : 'no'})`] as const),
  ];
  return properties
    .filter(([name]) => wanted.length === 0 || wanted.includes(name))
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
