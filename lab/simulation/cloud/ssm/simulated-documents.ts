/** The installation's own documents, as CloudFormation created them: parameters, steps and time-outs of the real ones. */

import { DocumentStore } from '#local-aws/ssm/document-store.ts';
import type { DocumentNames } from '../../../../functions/instance/document-contract.ts';
import { bundleContent, type DocumentKey, documentContent, prepareContent } from '../../../../server/documents/deploy-documents.ts';
import { EPOCH_MS } from '../../kernel/kernel.ts';
import { accessLog } from './scripts/access-log.ts';
import { installBundle } from './scripts/install-bundle.ts';
import { installRelease } from './scripts/install-release.ts';
import { observe } from './scripts/observe.ts';
import { prepare } from './scripts/prepare.ts';
import type { Script } from './scripts/script.ts';
import { stageAssets } from './scripts/stage-assets.ts';
import { waitIdle } from './scripts/wait-idle.ts';

export interface SimulatedDocuments {
  readonly store: Pick<DocumentStore, 'get' | 'version'>;
  /** The model of the script that a document runs. @throws Error for a document without one */
  script(documentName: string): Script;
}

const SCRIPTS = { waitIdle, install: installRelease, observe, accessLog, stageAssets } as const;

/**
 * Made once for all runs of a process: no run changes them.
 * @param names as in the functions' environments @param bundlesOf the fleet whose releases are CodeDeploy bundles: the install document is its own
 */
export function simulatedDocuments(
  names: Required<Pick<DocumentNames, 'accessLog'>> & DocumentNames,
  releasesBucket: string,
  bundlesOf?: string,
): SimulatedDocuments {
  const store = new DocumentStore(() => EPOCH_MS);
  const scripts = new Map<string, Script>();
  const add = (name: string, content: object, script: Script) => {
    store.create({ name, content: JSON.stringify(content), tags: {} });
    scripts.set(name, script);
  };
  for (const key of Object.keys(SCRIPTS) as DocumentKey[]) {
    const name = names[key];
    if (name === undefined) continue;
    if (key === 'install' && bundlesOf !== undefined) add(name, bundleContent(releasesBucket, bundlesOf), installBundle);
    else add(name, documentContent(key, releasesBucket), SCRIPTS[key]);
  }
  if (names.prepare !== undefined) add(names.prepare, prepareContent('true'), prepare);
  return {
    store,
    script(documentName) {
      const script = scripts.get(documentName);
      if (script === undefined) throw new Error(`the simulation has no model of document ${documentName}`);
      return script;
    },
  };
}
