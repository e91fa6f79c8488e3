/** What is wrong with CodeDeploy bundles: S17 to S20, and rollbacks and times of theirs. What servers do is planted in its models. */
import type { Plant } from './plant.ts';

const INSTALL_BUNDLE = 'lab/simulation/cloud/ssm/scripts/install-bundle.ts';

export const BUNDLE_PLANTS: readonly Plant[] = [
  {
    name: 'an adoption is on record before its server is asked',
    file: 'functions/deploy/command/bundle-steps.ts',
    text: "return since('files', await commands.sendInstall(instanceId, ordered, lease.fencingToken, documents));",
    becomes:
      "await records.putInstance(fleet, { instanceId, version, installedAtMs: now() }); return since('files', await commands.sendInstall(instanceId, ordered, lease.fencingToken, documents));",
    caughtBy: 'S19',
    in: ['adoption'],
  },
  {
    name: 'an adoption compares no files',
    file: INSTALL_BUNDLE,
    text: "if (mode === 'adopt' && different.size > 0) {",
    becomes: "if (mode === 'adopt' && different.size < 0) {",
    caughtBy: 'L3',
    in: ['differs'],
  },
  {
    name: 'an adoption whose readiness check fails takes the server out',
    file: 'functions/deploy/command/bundle-steps.ts',
    text: 'throw error instanceof TargetNeverUp ? new InstallFailed(',
    becomes: 'throw error instanceof InstallFailed ? new TargetNeverUp(',
    caughtBy: 'S19',
    in: ['differs'],
  },
  {
    name: 'the new bundle’s scripts stop the previous one',
    file: INSTALL_BUNDLE,
    text: 'await runEvents(context, bundles.installed, STOP, continues);',
    becomes: 'await runEvents(context, version, STOP, continues);',
    caughtBy: 'S18',
    in: ['bundles'],
  },
  {
    name: 'files of the last Install are left',
    file: INSTALL_BUNDLE,
    text: 'for (const path of listed) files.delete(path);',
    becomes: 'void [files, listed];',
    caughtBy: 'S17',
    in: ['bundles'],
  },
  {
    name: 'a bundle that is not validated is taken for whole',
    file: INSTALL_BUNDLE,
    text: "await runEvents(context, version, ['AfterInstall']);",
    becomes: 'return validated(context, version);',
    caughtBy: 'S17',
    in: ['bundles'],
  },
  {
    name: 'the document of a fleet without bundles obeys what a release says',
    file: 'lab/simulation/cloud/ssm/simulated-documents.ts',
    text: 'const SCRIPTS = { waitIdle, install: installRelease,',
    becomes: 'const SCRIPTS = { waitIdle, install: installBundle,',
    caughtBy: 'S20',
    in: ['smuggled'],
  },
  {
    name: 'a rollback ends at a stop that fails',
    file: 'functions/deploy/command/bundle-steps.ts',
    text: "isRollback || ignoreApplicationStopFailures ? ('continue' as const)",
    becomes: "(isRollback, ignoreApplicationStopFailures) ? ('continue' as const)",
    caughtBy: 'L3',
    in: ['a rollback of a bundle meets a stop that fails'],
  },
  {
    name: 'an install has less time than its scripts',
    file: 'functions/instance/bundle-scripts.ts',
    text: 'longest(hookSeconds(bundle, INSTALL_EVENTS) + ',
    becomes: 'longest(hookSeconds(bundle, []) + ',
    caughtBy: 'L1',
    in: ['a script of a bundle takes long'],
  },
];
