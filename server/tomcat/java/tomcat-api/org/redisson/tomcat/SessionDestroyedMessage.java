package org.redisson.tomcat;

public class SessionDestroyedMessage {
  public SessionDestroyedMessage(String nodeId, String sessionId) {}
}
