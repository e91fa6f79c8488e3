package org.apache.catalina;

public interface Loader {
  ClassLoader getClassLoader();
}
