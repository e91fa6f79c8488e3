import { currentContract } from '../deploys/check-releases.ts';
import { type Check, type Finding, topic } from '../finding.ts';
import { known } from '../lookup.ts';

/** Events of keys, of expired ones and of those that were removed. @see https://valkey.io/topics/notifications/ */
const SPRING_EVENTS = ['E', 'g', 'x'];
/** Stands for all classes of events. */
const ALL_EVENTS = 'A';
/** Channels of these events: who may subscribe to them listens for ended sessions, as Spring's indexed repository does. */
const EVENT_CHANNEL = /^__keyevent@/;

/** What the fleet's application publishes and subscribes to, and what the store publishes about sessions that end. */
export const checkStoreChannels: Check = (facts, { fleet, sessions }) => {
  const store = known(facts.store);
  const user = known(facts.storeUsers)?.find(({ userName }) => userName === (sessions.userName ?? 'default'));
  const granted = user?.channels ?? [];
  const findings: Finding[] = [];

  const events = known(facts.keyspaceEvents);
  const listens = sessions.usesSpringIndex || granted.some((pattern) => EVENT_CHANNEL.test(pattern));
  if (store && events !== undefined && listens) {
    const about = topic(
      'store-notifications',
      store.parameterGroup,
      'Spring’s indexed repository learns from them which sessions have ended: without them its indexes grow, and listeners of ended sessions are not called',
    );
    const has = (event: string) => events.includes(event) || (event !== 'E' && events.includes(ALL_EVENTS));
    const missing = SPRING_EVENTS.filter((event) => !has(event));
    findings.push(
      missing.length === 0
        ? about.ok(`the store publishes the ends of sessions (notify-keyspace-events ${events})`)
        : about.error(
            `the store does not publish the ends of sessions: notify-keyspace-events is ${JSON.stringify(events)}, without ${missing.join(', ')}`,
            sessions.ownUser ? 'run "npx --no cdk deploy --all"' : 'set notify-keyspace-events to gxE in its parameter group',
          ),
    );
  }

  const about = topic(
    'store-channels',
    user?.userName ?? fleet,
    'Spring’s indexed repository does not start without its channels (NOPERM … psubscribe), nor does Redisson’s manager with broadcastSessionEvents',
  );
  if (user && sessions.channels.length > 0) {
    const lacking = sessions.channels.filter((pattern) => !granted.some((one) => covers(one, pattern)));
    findings.push(
      lacking.length === 0
        ? about.ok(`user ${user.userName} can publish and subscribe to ${sessions.channels.join(', ')}`)
        : about.error(
            `user ${user.userName} cannot subscribe to ${lacking.join(', ')}`,
            sessions.ownUser
              ? 'run "npx --no cdk deploy --all"'
              : `add to its access string: ${lacking.map((pattern) => `&${pattern}`).join(' ')} +subscribe +psubscribe +unsubscribe +punsubscribe +publish`,
          ),
    );
  }
  const [program = ''] = currentContract(facts)?.start ?? [];
  if (user && sessions.ownUser && sessions.channels.length === 0 && /(^|\/)java$/.test(program)) {
    findings.push(
      about.notice(
        `the current release starts Java, and user ${user.userName} has no publish and subscribe channel, which Spring’s default repository does not need`,
        `for the indexed repository set fleets.${fleet}.sessions.channels to ["spring-session-indexed"], and run npx --no cdk deploy --all`,
      ),
    );
  }
  return findings;
};

/** Whether a pattern of an access string permits all that another one matches; PSUBSCRIBE needs the same one. */
const covers = (granted: string, needed: string): boolean =>
  granted === '*' || granted === needed || (granted.endsWith('*') && !needed.includes('*') && needed.startsWith(granted.slice(0, -1)));
