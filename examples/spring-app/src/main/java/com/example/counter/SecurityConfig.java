package com.example.counter;

import org.springframework.boot.actuate.autoconfigure.security.servlet.EndpointRequest;
import org.springframework.boot.actuate.endpoint.web.WebServerNamespace;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.CsrfConfigurer;
import org.springframework.security.config.annotation.web.configurers.RequestCacheConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.session.SessionRegistry;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.logout.HttpStatusReturningLogoutSuccessHandler;

@Configuration
public class SecurityConfig {

  /** Health checks and counts: no login, and never a session. Counts are on the status port, which listens on 127.0.0.1 alone. */
  @Bean
  @Order(1)
  SecurityFilterChain status(HttpSecurity http) throws Exception {
    return http
        .securityMatcher(
            request ->
                EndpointRequest.toAnyEndpoint().matches(request)
                    || EndpointRequest.toAdditionalPaths(WebServerNamespace.SERVER, "health").matches(request))
        .authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
        .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
        .csrf(CsrfConfigurer::disable)
        .build();
  }

  @Bean
  @Order(2)
  SecurityFilterChain application(HttpSecurity http, SessionRegistry registry, Answers answers) throws Exception {
    http.with(new JsonLogin(answers), login -> {});
    return http
        .authorizeHttpRequests(
            requests -> requests.requestMatchers("/count").authenticated().anyRequest().permitAll())
        .sessionManagement(
            session ->
                session
                    .sessionFixation(fixation -> fixation.migrateSession())
                    .maximumSessions(1)
                    .maxSessionsPreventsLogin(false)
                    // The sessions of every server, not of this JVM alone.
                    .sessionRegistry(registry)
                    // The default answers 200 to the first request of a session that a newer login has ended.
                    .expiredSessionStrategy(event -> answers.error(event.getResponse(), HttpStatus.UNAUTHORIZED, "logged in elsewhere")))
        // Otherwise each refused request of a visitor without a session saves one in the store, to return to after the login.
        .requestCache(RequestCacheConfigurer::disable)
        .exceptionHandling(
            handling ->
                handling.authenticationEntryPoint(
                    (request, response, exception) -> answers.error(response, HttpStatus.UNAUTHORIZED, "not logged in")))
        .logout(logout -> logout.logoutSuccessHandler(new HttpStatusReturningLogoutSuccessHandler(HttpStatus.NO_CONTENT)))
        // Other sites can start no request with this cookie (SameSite=Strict), and no request with JSON. With forms, leave it on: its token is
        // in the session, and so moves between servers with it.
        .csrf(CsrfConfigurer::disable)
        .build();
  }
}
