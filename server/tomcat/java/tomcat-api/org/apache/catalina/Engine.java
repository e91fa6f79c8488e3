package org.apache.catalina;

public interface Engine extends Container {
  String getJvmRoute();
}
