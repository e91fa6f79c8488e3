package org.apache.catalina;

public final class SessionEvent {
  public native String getType();
}
