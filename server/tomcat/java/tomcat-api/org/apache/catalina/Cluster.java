package org.apache.catalina;

public interface Cluster {}
