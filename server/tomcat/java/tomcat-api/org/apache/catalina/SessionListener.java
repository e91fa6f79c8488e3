package org.apache.catalina;

public interface SessionListener {
  void sessionEvent(SessionEvent event);
}
