import { GetObjectCommand } from '@aws-sdk/client-s3';
import { incidentKey } from '../../functions/incidents/contract/environment.ts';
import type { Evidence } from '../../functions/incidents/contract/evidence.ts';
import type { IncidentRecord } from '../../functions/incidents/contract/incident.ts';
import { reportFacts } from '../../functions/incidents/estimate/report-facts.ts';
import { getIfExists } from '../../functions/incidents/records/incident-records.ts';
import type { IncidentPage, Place } from '../../functions/incidents/report/incident-page.ts';
import { findingText, incidentState } from '../../functions/incidents/report/incident-row.ts';
import { pageOf } from '../../functions/incidents/report/page.ts';
import { plain } from '../../functions/incidents/report/plain.ts';
import { textOf } from '../../functions/incidents/report/text.ts';
import { INCIDENTS_PART, STORE_PART } from '../../functions/shared/naming.ts';
import { durationText } from '../../functions/shared/texts.ts';
import type { Cloud, CloudOptions } from '../cloud.ts';
import { commandFor } from '../command-options.ts';
import type { ListOptions } from '../command-parts.ts';
import { badInput } from '../failure.ts';
import { type ChangeOptions, connectToRead } from '../installation/connect-to-installation.ts';
import { type OpenCloud, openStores, releasesBucketOf } from '../open-stores.ts';
import { withId } from '../option-values.ts';
import { ageText, type Output, table } from '../output.ts';

export interface ShowOptions extends CloudOptions {
  readonly verbose?: boolean;
}

export interface RunOptions extends ChangeOptions {
  readonly dryRun?: boolean;
  /** Milliseconds since the epoch. */
  readonly since?: number;
}

/** Lists the latest incidents of the installation. */
export async function list({ limit, ...options }: ListOptions, output: Output): Promise<void> {
  const cloud = openStores(await connectToRead(options, INCIDENTS_PART), 'incidents');
  output.at(cloud);
  const incidents = await cloud.incidents.latestIncidents(limit);
  output.result({ incidents }, () => (incidents.length === 0 ? 'No incidents yet.' : incidentsTable(incidents, Date.now())));
}

/** Shows one incident as a page. @throws CommandFailure NoSuchIncident, AmbiguousIncident */
export async function show(id: string, { verbose = false, ...options }: ShowOptions, output: Output): Promise<void> {
  const cloud = openStores(await connectToRead(options, INCIDENTS_PART), 'incidents', 's3');
  output.at(cloud);
  output.print('');
  const { incident, page } = await readIncident(cloud, id, Date.now());
  output.result({ incident, page }, () => textOf(page, { verbose }));
}

/** An incident with its page. @throws CommandFailure NoSuchIncident, AmbiguousIncident */
export async function readIncident(
  cloud: OpenCloud<'incidents' | 's3'>,
  id: string,
  nowMs: number,
): Promise<{ readonly incident: IncidentRecord; readonly page: IncidentPage }> {
  const incident = await findIncident(cloud, id);
  const [evidence, links] = await Promise.all([readEvidence(cloud, incident), readLinks(cloud, incident)]);
  const page = pageOf({ incident, evidence, place: placeOfCloud(cloud), nowMs, facts: evidence ? reportFacts(evidence) : [] });
  return { incident, page: { ...page, links: links ?? page.links } };
}

/** Only the configuration knows the address of the documentation: the runbook's own report has it in its links. */
async function readLinks(cloud: OpenCloud<'s3'>, { report }: IncidentRecord): Promise<readonly string[] | undefined> {
  const text = report && (await readObject(cloud, report.jsonKey));
  const { links } = (text === undefined ? {} : (JSON.parse(text) as { page?: Partial<IncidentPage> }).page) ?? {};
  return links?.every((link) => link.startsWith('https://')) ? links : undefined;
}

/** Undefined while it is collected, and when it no longer exists. */
async function readEvidence(cloud: OpenCloud<'s3'>, { incidentId, runs }: IncidentRecord): Promise<Evidence | undefined> {
  const text = await readObject(cloud, incidentKey(incidentId, runs, 'evidence.json'));
  return text === undefined ? undefined : (JSON.parse(text) as Evidence);
}

function readObject(cloud: OpenCloud<'s3'>, key: string): Promise<string | undefined> {
  const get = async (Key: string) =>
    (await (await cloud.s3.send(new GetObjectCommand({ Bucket: releasesBucketOf(cloud), Key }))).Body?.transformToString()) ?? '';
  return getIfExists({ get }, key);
}

export function findIncident(cloud: OpenCloud<'incidents'>, id: string): Promise<IncidentRecord> {
  const { getIncident, findIncidents } = cloud.incidents;
  return withId(id, getIncident, findIncidents, ({ length }) =>
    length > 0
      ? badInput(
          'AmbiguousIncident',
          `The ids of ${length} incidents begin with ${id}. Nothing was changed. Give more characters of the id.`,
        )
      : badInput(
          'NoSuchIncident',
          `No incident ${id} exists. Nothing was changed. List the incidents with: ${commandFor(cloud, 'incidents')}`,
        ),
  );
}

/** Where the commands of an incident's page work, and where its links lead: the cloud that it was read from. */
export const placeOfCloud = ({ installation, region, local, fleet, awsOptions, console, awsEnvironment }: Cloud): Place => ({
  installation,
  region,
  local,
  fleets: fleet === STORE_PART ? [] : [fleet],
  awsOptions,
  ...(console !== undefined && { console }),
  awsEnvironment,
});

const HEAD = ['OPENED', 'AGE', 'DURATION', 'STATE', 'RUNBOOK', 'FLEET', 'FINDING', 'ID'];

/** One line per incident, in the given order. */
export const incidentsTable = (incidents: readonly IncidentRecord[], nowMs: number): string =>
  table([
    HEAD,
    ...incidents.map((incident) => [
      new Date(incident.openedAtMs).toISOString(),
      ageText(nowMs - incident.openedAtMs),
      durationText((incident.closedAtMs ?? nowMs) - incident.openedAtMs),
      incidentState(incident),
      incident.runbook,
      plain(incident.fleet ?? 'all'),
      findingText(incident),
      incident.incidentId,
    ]),
  ]);
