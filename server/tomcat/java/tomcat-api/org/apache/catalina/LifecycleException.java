package org.apache.catalina;

public class LifecycleException extends Exception {
  private static final long serialVersionUID = 1;
}
