/**
 * What a first step has people do: a closed list, so that what is right in a situation can be written before anybody knows how the page says
 * it. The table has the act of each step that the product prints, by words of its text; a step without one is an error.
 */
export const ACTS = [
  'nothing',
  'wait',
  // What changed, and the way back.
  'undo-change',
  'see-changes',
  'restore-stickiness',
  'previous-release',
  'stop-deploy',
  /** A setting of the application or of a listener that was so before: SameSite, a redirect to HTTPS. */
  'change-setting',
  // In front of the servers.
  'see-front',
  'see-cookie',
  'see-sign-in',
  'open-site',
  // Servers. `see-server`: what one of them does or has; `replace-server`: restart or replace one, or give it what it lacks.
  'read-lines',
  'see-server',
  'replace-server',
  'restart-servers',
  'see-scaling',
  'keep-servers',
  // The store.
  'see-store',
  'end-command',
  'see-store-way',
  'see-store-login',
  'see-deletions',
  'count-keys',
  'sweep',
  'make-room',
  'promote',
  're-login-page',
  'empty-store',
  /** Whatever is well or not: a comparison with the configuration, or the state of everything. */
  'see-status',
] as const;
export type Act = (typeof ACTS)[number];

/** The first that the text has. A step that does several things is the one that changes most. */
const OF_TEXT: readonly (readonly [Act, RegExp])[] = [
  ['nothing', /^Nothing\b|^It is over: users log in once more/],
  ['see-changes', /^It is over: see that it stays so|^If nobody is known to have changed it/],
  ['undo-change', /(?:^|\. )At \d\d:\d\d UTC .+(?:changed|began|took traffic away from) (?:an? |the )/],
  ['re-login-page', /show users a page that tries again/i],
  ['promote', /make a replica the primary|do not wait any longer: no failover was reported/i],
  ['keep-servers', /keep Auto Scaling from replacing servers|^If you suspended these processes/i],
  ['make-room', /give the store's nodes (?:the next|a) larger type|^Then set node_type|let it delete the sessions that were idle/i],
  ['restore-stickiness', /^Set (?:stickiness|the target group's stickiness) as it was deployed|need stickiness: compare/],
  ['wait', /^Wait: |^Let the deploy end/],
  ['stop-deploy', /^If it began with this deploy, stop it|^Stop the deploy/],
  ['previous-release', /^If the trouble came with release|^If it began with a release, return to the previous one: users who/],
  [
    'change-setting',
    /^By day: |names a node instead of the primary endpoint|^Let the page that other sites post to|^Redirect the HTTP listener/,
  ],
  [
    'see-front',
    /No server sees these requests|a rule of the listener answers them|^Let the CDN or proxy in front|^Compare a request at the CDN/,
  ],
  ['see-cookie', /follow the session cookie|see whether the answer sets the session cookie|[Cc]ompare the cookie's|^Log in as a user/],
  ['see-sign-in', /sign-in provider|Log in from outside with a browser that has no session/],
  ['open-site', /Open the site from outside/],
  ['read-lines', /Take one request that failed from the log|Servers log errors of a store that is not busy/],
  [
    'replace-server',
    /^Restart (?:a server|the server|i-)|^If it is READONLY, restart|^The store failed over at .+ Restart one|does not reach the store, restart it|Restart one server, and see whether it reaches|^Give every server the same secret|^Then the next one, if its log|restart one server after the other/,
  ],
  [
    'see-server',
    /^See which targets the load balancer can use|^If a server is not healthy|^Compare the stickiness of the target group with the route/,
  ],
  ['see-scaling', /^See which policy, schedule or person scaled in|^See which servers are left/],
  [
    'see-deletions',
    /Ask who deletes sessions|^Ask who emptied it|^Find the job that empties it|^If nobody knows, "INFO|^Check who may run FLUSHALL|what the sweep did|^If it was a sweep/,
  ],
  ['end-command', /[Ee]nd (?:that|its) client|^Stop what opens so many connections/],
  ['see-store-login', /^Compare the users and passwords of the store/],
  [
    'see-store-way',
    /[Cc]heck what keeps the servers from the store|(?:not|servers) reach(?:es)? the store|of the \d+ servers reaches the store|servers reach the store: see|check the security groups|^Else compare the address of the store/,
  ],
  ['count-keys', /^Count |which changes nothing|^Group these keys by shape|^See the largest sessions|count them\. This changes nothing/],
  ['sweep', /^Repair |^Then change them, if the count|^Remove these members|let a full store delete/i],
  [
    'see-store',
    /^Read the state of the store|^See (?:whether the store is busy|what fills the store|how (?:full|much room|long the room)|what fills the store|whether the store is full|which node is the primary|which error these lines have|whether servers read|that sessions come again)|the trouble began with that\. See why|^The replica has taken over|^Restart nothing: |^Check the nodes|see whether it is busy, slow or full|See whether servers read from a replica|^The session store has failed/,
  ],
  [
    'see-changes',
    /See what changed at that minute|See how long sessions live that begin now|^See when the release was deployed|^See what the latest deploy did|^See (?:the phase of each server|how far the servers are)|See whether a release or a secret changed|^No deploy of this fleet is on record|^Deploys were not read/,
  ],
  ['see-status', /with the configuration|^See the servers and the latest deploys|^Check the health check|^Run the runbook again/],
];

/** @throws where no act is known of it: a step that is new, or says it in other words, gets one here */
export function actOf({ text }: { readonly text: string }): Act {
  const [act] = OF_TEXT.find(([, words]) => words.test(text)) ?? [];
  if (act === undefined) throw new Error(`no act of lab/situations/acts.ts is known of the step ${JSON.stringify(text)}`);
  return act;
}
