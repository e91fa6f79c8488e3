/** The package's own package.json: what the checkout's says, without what only a checkout needs. */
import { CODE_FOLDER } from './build-code.ts';

/** The construct's. The range begins with the versions that are tested. */
const CONSTRUCT_PEERS = { 'aws-cdk-lib': '^2.275.0', constructs: '^10.8.1' } as const;

type Versions = Readonly<Record<string, string>>;

interface Checkout {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly description: string;
  readonly devDependencies: Versions;
}

/**
 * What applications use under `session` names the versions that it needs in its README alone: npm refuses to install a package with a peer
 * that contradicts what is installed, also an optional one, and most who install Holdfast do not use it.
 */
export function manifestOf(checkout: Checkout): Record<string, unknown> {
  const { name, version, license, description, devDependencies } = checkout;
  return {
    name,
    version,
    license,
    description,
    type: 'module',
    engines: { node: '>=22' },
    bin: { holdfast: `${CODE_FOLDER}/holdfast.js` },
    exports: {
      './cdk': { types: './types/holdfast.d.ts', default: `./${CODE_FOLDER}/cdk.js` },
      './session': { types: './session/user-sessions/index.d.mts', default: './session/user-sessions/index.mjs' },
      './session/critical-actions': { types: './session/critical-actions/index.d.mts', default: './session/critical-actions/index.mjs' },
      './holdfast.schema.json': './holdfast.schema.json',
      './package.json': './package.json',
    },
    peerDependencies: CONSTRUCT_PEERS,
    // The commands need none at all.
    peerDependenciesMeta: Object.fromEntries(Object.keys(CONSTRUCT_PEERS).map((peer) => [peer, { optional: true }])),
    // `holdfast init` writes these: what this version was tested with.
    devDependencies: Object.fromEntries(['aws-cdk', 'aws-cdk-lib', 'constructs'].map((peer) => [peer, devDependencies[peer]])),
  };
}
