package org.apache.catalina;

public interface Context extends Container {
  Object[] getApplicationEventListeners();
  Loader getLoader();
  Manager getManager();
  int getSessionTimeout();
}
