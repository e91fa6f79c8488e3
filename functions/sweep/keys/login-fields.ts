/** The hash field that a framework writes when a user logs in, by dialect. Of other dialects a key does not show who it belongs to. */
export const LOGIN_FIELDS: Readonly<Record<string, string>> = {
  'spring-session': 'sessionAttr:SPRING_SECURITY_CONTEXT',
  'redisson-tomcat': 'session:principal',
};
