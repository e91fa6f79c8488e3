package org.apache.catalina;

public final class LifecycleEvent {
  public native Lifecycle getLifecycle();
  public native String getType();
}
