package com.example.counter;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** An ordinary Spring Boot application that counts visits in a session. */
@SpringBootApplication
public class CounterApplication {

  public static void main(String[] args) {
    var application = new SpringApplication(CounterApplication.class);
    // The local cloud's store has a certificate of the local authority; ElastiCache's are trusted by every JDK.
    if (System.getenv("NODE_EXTRA_CA_CERTS") != null) application.setAdditionalProfiles("local-authority");
    application.run(args);
  }
}
