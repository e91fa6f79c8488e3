/** What Holdfast cannot roll, by what is on the servers. Pure. */
import type { ServerView } from './ask-servers.ts';
import { listed, unusable, WATCH_INSTEAD } from './fleet-facts.ts';

export interface Read {
  readonly id: string;
  readonly view: ServerView;
}

const CONTAINER = /^(docker|containerd|libpod|crio)\b/;
/** The oldest on which the valves run that a release of a WAR has. */
const OLDEST = { tomcat: 9, java: 11 };

/** @throws CommandFailure UnusableFleet */
export function judgeViews(views: readonly Read[], port: number): void {
  const those = (fits: (view: ServerView) => boolean) => listed(views.filter(({ view }) => fits(view)).map(({ id }) => id));
  const silent = those(({ units }) => units.length === 0);
  if (silent !== '')
    throw unusable(
      `Nothing listens at port ${port} of ${silent}: the service is stopped, or iptables leads the requests to another port`,
      'Start the service, or register the port at which it listens, and try again',
    );
  const contained = those(({ units, programs }) => [...units, ...programs].some((name) => CONTAINER.test(name)));
  if (contained !== '')
    throw unusable(`A container is at port ${port} of ${contained}, and Holdfast replaces a service of systemd`, WATCH_INSTEAD);
  const units = [...new Set(views.flatMap(({ view }) => view.units))];
  if (units.length > 1)
    throw unusable(
      `Several services are at port ${port} (${listed(views.map(({ id, view }) => `${view.units.join(' and ')} on ${id}`))}), and a deploy replaces one, of the same name on each server`,
      'Stop what should not serve, or give the service the same name, and try again',
    );
  const [unit] = units;
  if (unit !== undefined && !/^(?!user@).+\.service$/.test(unit))
    throw unusable(
      `The process at port ${port} belongs to ${unit === 'none' ? 'no unit of systemd' : unit}, and a deploy stops and starts a service`,
      'Start it by a systemd service of its own, and try again',
    );
  const old = views.find(
    ({ view: { tomcat, java } }) => tomcat && (isOlder(tomcat.version, OLDEST.tomcat) || isOlder(java?.version, OLDEST.java)),
  );
  if (old)
    throw unusable(
      `Tomcat ${old.view.tomcat?.version} on Java ${old.view.java?.version} is on ${old.id}, and releases of a WAR need Tomcat ${OLDEST.tomcat} and Java ${OLDEST.java}, or newer`,
      WATCH_INSTEAD,
    );
}

const isOlder = (version: string | number | null | undefined, oldest: number): boolean => Number.parseInt(String(version), 10) < oldest;
