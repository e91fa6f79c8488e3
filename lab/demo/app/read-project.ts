/** Reads the project's configuration file for the local cloud. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { readConfig } from '../../../infra/config.ts';
import { REPOSITORY } from '../../processes/run-cdk.ts';
import type { FleetInput } from '../local-settings.ts';
import { applyLocally, describeSettings, type FleetJson } from './project-settings.ts';

/** The file that cdk and doctor use. */
export const PROJECT_FILE = path.join(REPOSITORY, 'holdfast.config.json');

export interface Project {
  readonly fleet: FleetInput;
  /** Which file it was, and which of its keys apply here. */
  readonly line: string;
}

interface ProjectChoice {
  readonly fleet: string;
  readonly realTime: boolean;
  /** The server is an example, whose port, health path and Tomcat are its own. */
  readonly example: boolean;
}

/**
 * The settings of a fleet in the project's file, as far as they apply locally.
 *
 * @param file given by the user, so it has to exist. @default the checkout's, if it exists
 * @returns undefined when there is no file
 * @throws InvalidConfiguration when the file is not valid on AWS either
 */
export function readProject(choice: ProjectChoice, file?: string): Project | undefined {
  if (file === undefined && !existsSync(PROJECT_FILE)) return undefined;
  const from = file ?? PROJECT_FILE;
  readConfig(from);
  const { fleets } = JSON.parse(readFileSync(from, 'utf8')) as { fleets: Readonly<Record<string, FleetJson>> };
  const name = path.relative(process.cwd(), from).startsWith('..') ? from : path.relative(process.cwd(), from);
  const fleet = fleets[choice.fleet];
  if (fleet === undefined) {
    const others = Object.keys(fleets).join(', ');
    return { fleet: {}, line: `${name} has no fleet ${choice.fleet}, so nothing in it applies here; its fleets: ${others}` };
  }
  const settings = applyLocally(withAbsolutePaths(fleet, path.dirname(from)), choice);
  return { fleet: settings.fleet, line: describeSettings(name, choice.fleet, settings) };
}

/** What a fleet's `app` names is relative to its file, and the local configuration is written elsewhere. */
function withAbsolutePaths(fleet: FleetJson, folder: string): FleetJson {
  const { app } = fleet as { app?: FleetJson };
  if (app === undefined) return fleet;
  const files = ['archive', 'libraries', 'conf'].filter((key) => app[key] !== undefined);
  return { ...fleet, app: { ...app, ...Object.fromEntries(files.map((key) => [key, path.resolve(folder, app[key] as string)])) } };
}
