package org.apache.catalina;

public interface Lifecycle {
  String AFTER_START_EVENT = "after_start";

  LifecycleState getState();
}
