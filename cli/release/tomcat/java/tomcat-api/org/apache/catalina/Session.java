package org.apache.catalina;

public interface Session {
  String getIdInternal();

  boolean isValid();

  void setMaxInactiveInterval(int interval);

  void expire();
}
