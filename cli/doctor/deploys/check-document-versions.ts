import { type Check, type Findings, topic } from '../finding.ts';
import { known } from '../lookup.ts';

/** The documents that deploys, launches, terminations and runbooks of incidents run on servers: their latest versions, whichever are the default ones. */
export const checkDocuments: Check = (facts, { awsOptions }) => {
  const documents = facts.documents.flatMap((one) => known(one) ?? []);
  if (documents.length === 0) return [];
  const why = 'deploys, launches, terminations and runbooks of incidents run the latest version of each document on the servers';
  const findings = documents.flatMap(({ name, latestVersion, defaultVersion, isOfThisCheckout }): Findings => {
    const about = topic('document', name, why);
    if (!isOfThisCheckout) {
      const fix = 'run "npx --no cdk deploy --all" from the checkout that is to be deployed';
      return about.warning(`the latest version of ${name}, ${latestVersion}, has another content than this checkout's`, fix);
    }
    if (defaultVersion === latestVersion) return [];
    const fix = `for commands that you send yourself: aws ssm update-document-default-version --name ${name} --document-version ${latestVersion} ${awsOptions}`;
    return about.notice(
      `the default version of ${name} is ${defaultVersion}, and the latest ${latestVersion}: Holdfast runs the latest`,
      fix,
    );
  });
  const names = documents.map(({ name }) => name).join(', ');
  return findings.length > 0
    ? findings
    : topic('document', names, why).ok(`the latest versions of ${documents.length} documents are this checkout's`);
};
