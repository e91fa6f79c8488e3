/** What Spring Security keeps in the session of a visitor who has not logged in: the page to return to, a token, and why a login failed. */
const OF_VISITORS = [
  'SPRING_SECURITY_SAVED_REQUEST',
  'SPRING_SECURITY_LAST_EXCEPTION',
  'org.springframework.security.web.csrf.HttpSessionCsrfTokenRepository.CSRF_TOKEN',
];

/**
 * All that a session of nobody has, by dialect. Any other attribute can be an application's own login (`user`, `account`), or a basket:
 * without the framework's login field alone, the session can be a user's. A framework's field that is not here keeps the session as it is.
 */
export const ANONYMOUS_FIELDS: Readonly<Record<string, readonly string[]>> = {
  'spring-session': ['creationTime', 'lastAccessedTime', 'maxInactiveInterval', ...OF_VISITORS.map((name) => `sessionAttr:${name}`)],
  'redisson-tomcat': [
    ...['creationTime', 'lastAccessedTime', 'thisAccessedTime', 'maxInactiveInterval', 'isNew', 'isValid'].map((name) => `session:${name}`),
    ...OF_VISITORS,
  ],
};
