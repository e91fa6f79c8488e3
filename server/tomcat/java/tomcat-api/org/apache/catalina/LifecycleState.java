package org.apache.catalina;

public enum LifecycleState {
  STARTED;
  public native boolean isAvailable();
}
