package com.example.counter;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * 503 while the session store is away: the user keeps the cookie, and goes on where they were when the store is back. Without it each
 * such request gets Tomcat's error page, after two time-outs, as the page asks for the session again.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 10)
class StoreOutageFilter extends OncePerRequestFilter {
  private static final Logger LOG = LoggerFactory.getLogger(StoreOutageFilter.class);

  private final Answers answers;

  StoreOutageFilter(Answers answers) {
    this.answers = answers;
  }

  @Override
  protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    try {
      chain.doFilter(request, response);
    } catch (DataAccessException exception) {
      if (response.isCommitted()) throw exception;
      // The type alone: messages of a store may contain keys, which are session ids.
      LOG.warn("the session store is not available: {}", exception.getClass().getSimpleName());
      response.reset();
      answers.error(response, HttpStatus.SERVICE_UNAVAILABLE, "the session store is not available");
    }
  }
}
