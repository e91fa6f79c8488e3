package org.apache.catalina.ha.session;

import java.io.IOException;
import org.apache.catalina.Manager;
import org.apache.catalina.Session;
import org.apache.catalina.tribes.Member;

public class DeltaManager implements Manager {
  public native Session createSession(String sessionId);
  public native Session[] findSessions();
  public native Session findSession(String id) throws IOException;
  protected void handleSESSION_DELTA(SessionMessage message, Member sender) throws IOException, ClassNotFoundException {}
  protected void sendSessions(Member member, Session[] sessions, long timestamp) throws IOException {}
  protected void handleALL_SESSION_DATA(SessionMessage message, Member sender) throws IOException, ClassNotFoundException {}
}
