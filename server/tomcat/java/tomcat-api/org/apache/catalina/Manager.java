package org.apache.catalina;

import java.io.IOException;

public interface Manager {
  Session createSession(String sessionId);
  Session[] findSessions();
  Session findSession(String id) throws IOException;
}
