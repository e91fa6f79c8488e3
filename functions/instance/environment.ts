/** Environment of functions that run Holdfast's documents on a server: the documents' names. */
export const INSTANCE_ENV = {
  waitIdleDocument: 'HOLDFAST_WAIT_IDLE_DOCUMENT',
  installDocument: 'HOLDFAST_INSTALL_DOCUMENT',
  observeDocument: 'HOLDFAST_OBSERVE_DOCUMENT',
  /** Reads the access log; for functions that look at people. */
  accessLogDocument: 'HOLDFAST_ACCESS_LOG_DOCUMENT',
  stageAssetsDocument: 'HOLDFAST_STAGE_ASSETS_DOCUMENT',
  /** The bucket with the archives, for functions that install releases. */
  releasesBucket: 'HOLDFAST_RELEASES_BUCKET',
  /** The document that prepares servers which ran before Holdfast; absent where user data prepares them. */
  prepareDocument: 'HOLDFAST_PREPARE_DOCUMENT',
} as const;
