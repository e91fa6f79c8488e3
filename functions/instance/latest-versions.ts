import type { RunCommand } from '../shared/aws/run-command.ts';
import type { DocumentNames, DocumentVersions } from './document-contract.ts';

/** The latest version of each document, which a deploy, a launch or a termination then runs to its end. */
export async function latestVersions(runCommand: Pick<RunCommand, 'latestVersion'>, documents: DocumentNames): Promise<DocumentVersions> {
  const named = Object.entries(documents).filter((each): each is [string, string] => each[1] !== undefined);
  const versions = await Promise.all(named.map(async ([document, name]) => [document, await runCommand.latestVersion(name)] as const));
  return Object.fromEntries(versions) as DocumentVersions;
}
