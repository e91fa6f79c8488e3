package com.example.counter;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.stereotype.Component;

/** Answers with 5xx, from the first moment on: Spring Boot's own counter of them (tag outcome:SERVER_ERROR) is 404 until there is one. */
@Component
class ErrorCount implements MeterBinder {

  @Override
  public void bindTo(MeterRegistry registry) {
    FunctionCounter.builder("http.server.errors", registry, ErrorCount::count).register(registry);
  }

  private static double count(MeterRegistry registry) {
    return registry.find("http.server.requests").tag("outcome", "SERVER_ERROR").timers().stream().mapToLong(Timer::count).sum();
  }
}
