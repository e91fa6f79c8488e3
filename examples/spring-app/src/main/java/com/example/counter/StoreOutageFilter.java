package com.example.counter;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * 503 while the session store is away: the user keeps the cookie, and goes on where they were when the store is back. Without it each
 * such request gets Tomcat's error page, after two time-outs, as the page asks for the session again.
 *
 * It also begins a new connection. When the primary's machine ends without a word, the old connection stays open until the kernel
 * gives up, for a quarter of an hour, and Lettuce asks for the name's new address only when it connects.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 10)
class StoreOutageFilter extends OncePerRequestFilter {
  private static final Logger LOG = LoggerFactory.getLogger(StoreOutageFilter.class);

  /** Longer than the store's time-out: what fails on the old connection must not end the new one. */
  private static final long RESET_PAUSE_NS = 5_000_000_000L;

  private final Answers answers;
  private final LettuceConnectionFactory connections;
  private final AtomicLong resetAt = new AtomicLong(System.nanoTime() - RESET_PAUSE_NS);

  StoreOutageFilter(Answers answers, LettuceConnectionFactory connections) {
    this.answers = answers;
    this.connections = connections;
  }

  @Override
  protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    try {
      chain.doFilter(request, response);
    } catch (DataAccessException exception) {
      var last = resetAt.get();
      if (System.nanoTime() - last > RESET_PAUSE_NS && resetAt.compareAndSet(last, System.nanoTime())) connections.resetConnection();
      if (response.isCommitted()) throw exception;
      // The type alone: messages of a store may contain keys, which are session ids.
      LOG.warn("the session store is not available: {}", exception.getClass().getSimpleName());
      response.reset();
      answers.error(response, HttpStatus.SERVICE_UNAVAILABLE, "the session store is not available");
    }
  }
}
