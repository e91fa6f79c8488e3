package org.apache.catalina;

public interface Context extends Container {
  Loader getLoader();

  Manager getManager();

  int getSessionTimeout();
}
