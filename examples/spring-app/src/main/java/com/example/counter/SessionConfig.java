package com.example.counter;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.Session;
import org.springframework.session.security.SpringSessionBackedSessionRegistry;

/**
 * Sessions are configured in application.yml. There is no HttpSessionIdResolver or CookieSerializer bean here on purpose: either one
 * replaces the serializer that Spring Boot makes from server.servlet.session.cookie.*, and with it the name, SameSite and Secure.
 */
@Configuration
public class SessionConfig {

  /**
   * The sessions of a user on every server, from the index in the store. Without it Spring Security counts the sessions of each JVM
   * by itself.
   */
  @Bean
  <S extends Session> SpringSessionBackedSessionRegistry<S> sessionRegistry(FindByIndexNameSessionRepository<S> sessions) {
    return new SpringSessionBackedSessionRegistry<>(sessions);
  }
}
