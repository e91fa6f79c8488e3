package com.example.counter;

import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** A session of nobody, for programs on this machine alone: everybody else gets 404, and no session. */
@RestController
class InternalController {
  /** Begins a session whose cookie's attributes an incident's runbook reads. */
  @GetMapping("/internal/session")
  ResponseEntity<Void> begin(HttpServletRequest request) throws UnknownHostException {
    if (!isLocal(request)) return ResponseEntity.notFound().build();
    request.getSession().setAttribute("probe", true);
    return ResponseEntity.noContent().build();
  }

  /**
   * With forward-headers-strategy "native" the address is the client's, and a load balancer on the same machine sends X-Forwarded-Port.
   */
  private static boolean isLocal(HttpServletRequest request) throws UnknownHostException {
    return InetAddress.getByName(request.getRemoteAddr()).isLoopbackAddress() && request.getHeader("X-Forwarded-Port") == null;
  }
}
