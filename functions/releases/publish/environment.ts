/** Environment of the publish function; RECORDS_ENV has the fleet and the table. */
export const PUBLISH_ENV = {
  releasesBucket: 'HOLDFAST_RELEASES_BUCKET',
  /** Names of the fleet's variables, with commas; absent without any. */
  variables: 'HOLDFAST_VARIABLES',
  /** `true` for a fleet of CodeDeploy bundles; absent for others. */
  bundles: 'HOLDFAST_BUNDLES',
} as const;
