/** Every `event` that a function logs: log queries and metric filters can rely on these values. */
export const LOG_EVENTS = {
  stepFinished: 'step.finished',
  stepFailed: 'step.failed',
  deployStarted: 'deploy.started',
  deployFinished: 'deploy.finished',
  deployEventNotSent: 'deploy.eventNotSent',
  cleanUpStarted: 'cleanUp.started',
  cleanUpRestarted: 'cleanUp.restarted',
  lifecycleStarted: 'lifecycle.started',
  lifecycleGivenUp: 'lifecycle.givenUp',
  cleanUpGivenUp: 'cleanUp.givenUp',
  lockReleased: 'lock.released',
  targetPutBack: 'target.putBack',
  drainRuleChanged: 'drainRule.changed',
  sessionDrainEnded: 'sessionDrain.ended',
  pinLeft: 'pin.left',
  groupNotRead: 'group.notRead',
  deployPaused: 'deploy.paused',
  continueRecorded: 'continue.recorded',
  endDrainRecorded: 'endDrain.recorded',
  commandCancelFailed: 'command.cancelFailed',
  processesSuspended: 'scaling.suspended',
  processesResumed: 'scaling.resumed',
  lifecycleActionGone: 'lifecycle.actionGone',
  assetsNotStaged: 'lifecycle.assetsNotStaged',
  launchAbandoned: 'lifecycle.launchAbandoned',
  drainGivenUp: 'lifecycle.drainGivenUp',
  sweepStarted: 'sweep.started',
  sweepNotStarted: 'sweep.notStarted',
  sweepNotSampled: 'sweep.notSampled',
  sweepWithoutBaseline: 'sweep.withoutBaseline',
  sweepFinished: 'sweep.finished',
  sweepFailed: 'sweep.failed',
  alarmHandled: 'alarm.handled',
  alarmMalformed: 'alarm.malformed',
  incidentReported: 'incident.reported',
  incidentClosed: 'incident.closed',
  incidentTended: 'incident.tended',
  mitigationStep: 'mitigation.step',
  canaryTurned: 'canary.turned',
  canaryNotStarted: 'canary.notStarted',
  canaryFailed: 'canary.failed',
  gateEnded: 'gate.ended',
  gateLeft: 'gate.left',
  widgetFailed: 'widget.failed',
  releasePublished: 'releases.published',
  incomingNotRemoved: 'releases.incomingNotRemoved',
  bucketNotEmptied: 'releases.bucketNotEmptied',
  mitigationRequested: 'incidents.mitigationRequested',
  linesShown: 'incidents.linesShown',
  installationNotRecorded: 'installation.notRecorded',
} as const;

export type LogEvent = (typeof LOG_EVENTS)[keyof typeof LOG_EVENTS];

/** Values of one log line: identifiers and numbers, never a session id, a token or a password. */
export type LogFields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** Where a core logs what happened. */
export interface Log {
  info(event: LogEvent, fields?: LogFields): void;
  warn(event: LogEvent, fields?: LogFields): void;
}
