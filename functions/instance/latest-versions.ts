import type { RunCommand } from '../shared/aws/run-command.ts';
import type { DocumentNames, DocumentVersions } from './document-contract.ts';

/** The latest version of each document, which a deploy, a launch or a termination then runs to its end. */
export async function latestVersions(runCommand: Pick<RunCommand, 'latestVersion'>, documents: DocumentNames): Promise<DocumentVersions> {
  const [waitIdle, install, observe, prepare] = await Promise.all([
    runCommand.latestVersion(documents.waitIdle),
    runCommand.latestVersion(documents.install),
    runCommand.latestVersion(documents.observe),
    documents.prepare === undefined ? undefined : runCommand.latestVersion(documents.prepare),
  ]);
  return { waitIdle, install, observe, ...(prepare !== undefined && { prepare }) };
}
