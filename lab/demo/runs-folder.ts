/**
 * Where the runs of the local cloud are: outside of every folder in which Node would find a module or a package.json for a server or a
 * function of it. Node searches each parent, so that below the checkout a release without its modules runs, and on AWS does not.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, realpathSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { ownStateFolder } from '../../cli/cloud-state.ts';
import { foreignOwnerOf } from '../../cli/file-owner.ts';

const FOUND_BY_NODE = ['node_modules', 'package.json'];

/** No folder of this machine can hold the servers. */
class NoRunsFolder extends Error {
  override readonly name = 'NoRunsFolder';
}

/** One folder per run: it holds everything that the run writes, and is deleted with it. */
const named = (): string => path.join(ownStateFolder(), 'run');
const otherPlaces = (): readonly string[] => [tmpdir(), '/var/tmp', path.join(homedir(), '.cache')];

/**
 * The runs' folder, made if it is missing. One elsewhere is linked from the state folder, so that a later start finds what a killed run
 * left, whatever its TMPDIR.
 *
 * @throws NoRunsFolder with each place and what is wrong with it; CommandFailure ForeignState
 */
export function runsFolder(places: readonly string[] = otherPlaces()): string {
  const inState = named();
  if (parentWithModules(inState) === undefined) {
    mkdirSync(inState, { recursive: true });
    return realpathSync(inState);
  }
  const linked = followed(inState);
  if (linked !== undefined) return linked;
  // A link to what has gone.
  rmSync(inState, { recursive: true, force: true });
  const folder = chooseFolder(
    places,
    `holdfast-${createHash('sha256').update(`${process.getuid?.()} ${inState}`).digest('hex').slice(0, 12)}`,
  );
  mkdirSync(path.dirname(inState), { recursive: true });
  symlinkSync(folder, inState);
  return folder;
}

/** Removes a folder outside of the state folder, unless a run is in it. */
export function leaveRunsFolder(): void {
  const link = named();
  const folder = followed(link);
  if (folder === undefined || readdirSync(folder).length > 0) return;
  rmdirSync(folder);
  rmSync(link);
}

/** Where the link leads; undefined without one, and for a place that no longer fits. */
function followed(link: string): string | undefined {
  if (!existsSync(link) || !lstatSync(link).isSymbolicLink()) return undefined;
  const folder = realpathSync(link);
  return problemOf(folder) === undefined ? folder : undefined;
}

function chooseFolder(places: readonly string[], name: string): string {
  const problems: string[] = [];
  for (const place of new Set(places)) {
    const folder = path.join(existsSync(place) ? realpathSync(place) : place, name);
    const isNew = !existsSync(folder);
    const problem = tryToMake(folder) ?? problemOf(folder) ?? problemOfPrograms(folder);
    if (problem === undefined) return folder;
    problems.push(`${folder} ${problem}`);
    if (isNew) rmSync(folder, { recursive: true, force: true });
  }
  throw new NoRunsFolder(
    `The local cloud's servers need a folder that sees no module of this machine, as on AWS, and found none: ${problems.join('; ')}. Nothing was started. Set TMPDIR to a folder that has none of this.`,
  );
}

/** Why a folder cannot be made, as the end of a sentence. */
function tryToMake(folder: string): string | undefined {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return undefined;
  } catch (error) {
    return `cannot be made (${(error as NodeJS.ErrnoException).code})`;
  }
}

function problemOf(folder: string): string | undefined {
  const parent = parentWithModules(folder);
  return parent === undefined ? foreignOwnerOf(folder) : `lies below ${parent}, where Node finds modules or a package.json`;
}

/** The servers' own commands are started from there, which a file system that is mounted with noexec refuses. */
function problemOfPrograms(folder: string): string | undefined {
  const program = path.join(folder, 'runs-programs');
  try {
    writeFileSync(program, '#!/bin/sh\n', { mode: 0o700 });
    execFileSync(program, { timeout: 10_000, stdio: 'ignore' });
    return undefined;
  } catch (error) {
    return `runs no programs (${(error as NodeJS.ErrnoException).code})`;
  } finally {
    rmSync(program, { force: true });
  }
}

function parentWithModules(folder: string): string | undefined {
  const parent = path.dirname(folder);
  if (FOUND_BY_NODE.some((name) => existsSync(path.join(parent, name)))) return parent;
  return parent === folder ? undefined : parentWithModules(parent);
}
