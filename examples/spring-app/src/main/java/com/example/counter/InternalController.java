package com.example.counter;

import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.UUID;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Sessions of nobody, for programs on this machine alone: everybody else gets 404, and no session. */
@RestController
class InternalController {
  private static final String PROBE = "probe";

  /** Begins a session whose cookie's attributes an incident's runbook reads. */
  @GetMapping("/internal/session")
  ResponseEntity<Void> begin(HttpServletRequest request) throws UnknownHostException {
    if (!isLocal(request)) return ResponseEntity.notFound().build();
    request.getSession().setAttribute(PROBE, true);
    return ResponseEntity.noContent().build();
  }

  /** For a deploy, which finds out whether one release reads what another one wrote. The value is random, and is all that the session has. */
  @GetMapping("/internal/probe/write")
  ResponseEntity<String> write(HttpServletRequest request) throws UnknownHostException {
    if (!isLocal(request)) return ResponseEntity.notFound().build();
    var value = UUID.randomUUID().toString();
    request.getSession().setAttribute(PROBE, value);
    return ResponseEntity.ok().contentType(MediaType.TEXT_PLAIN).body(value);
  }

  /** Answers that value to a request with the session, and begins none. */
  @GetMapping("/internal/probe/read")
  ResponseEntity<String> read(HttpServletRequest request) throws UnknownHostException {
    var session = isLocal(request) ? request.getSession(false) : null;
    if (session == null || !(session.getAttribute(PROBE) instanceof String value)) return ResponseEntity.notFound().build();
    return ResponseEntity.ok().contentType(MediaType.TEXT_PLAIN).body(value);
  }

  /**
   * With forward-headers-strategy "native" the address is the client's, and a load balancer on the same machine sends X-Forwarded-Port.
   */
  private static boolean isLocal(HttpServletRequest request) throws UnknownHostException {
    return InetAddress.getByName(request.getRemoteAddr()).isLoopbackAddress() && request.getHeader("X-Forwarded-Port") == null;
  }
}
