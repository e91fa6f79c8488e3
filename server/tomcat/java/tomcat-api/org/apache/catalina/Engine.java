package org.apache.catalina;

public interface Engine extends Container {
  Cluster getCluster();
  String getJvmRoute();
}
