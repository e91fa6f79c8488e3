package org.apache.catalina;

public interface LifecycleListener {
  void lifecycleEvent(LifecycleEvent event);
}
