package org.apache.catalina;

public interface Session {
  String SESSION_DESTROYED_EVENT = "destroySession";
  void addSessionListener(SessionListener listener);
  String getIdInternal();
  boolean isValid();
  void setMaxInactiveInterval(int interval);
  void expire();
  long getCreationTimeInternal();
  long getThisAccessedTimeInternal();
  long getLastAccessedTimeInternal();
  int getMaxInactiveInterval();
  Object getNote(String name);
  void setNote(String name, Object value);
  void removeNote(String name);
}
