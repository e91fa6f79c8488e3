/** Environment of functions that run Holdfast's documents on a server: the documents' names. */
export const INSTANCE_ENV = {
  waitIdleDocument: 'HOLDFAST_WAIT_IDLE_DOCUMENT',
  installDocument: 'HOLDFAST_INSTALL_DOCUMENT',
  observeDocument: 'HOLDFAST_OBSERVE_DOCUMENT',
  /** Of functions that install releases: the bucket with the archives. */
  releasesBucket: 'HOLDFAST_RELEASES_BUCKET',
  /** Of a fleet whose servers ran before Holdfast; absent where user data prepares them. */
  prepareDocument: 'HOLDFAST_PREPARE_DOCUMENT',
} as const;
