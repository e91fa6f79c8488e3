package com.example.counter;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.session.SessionRepository;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerMapping;

/**
 * A line for each request: when, status, milliseconds, the session that the client named and the one that the request ended with as keyed
 * hashes, the handler's path, the class of the user agent, and whether a page of another site led here. No id, parameter or address.
 * The key follows from the store's password: the same on every server, so that one user can be followed through all logs.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
class AccessLogFilter extends OncePerRequestFilter {
  private static final int HASH_DIGITS = 16;
  private static final String CURRENT_SESSION = SessionRepository.class.getName() + ".CURRENT_SESSION";

  private final String cookieName;
  private final SecretKeySpec key;
  private final RotatingFile file;

  AccessLogFilter(
      @Value("${server.servlet.session.cookie.name}") String cookieName,
      @Value("${spring.data.redis.password:}") String password,
      @Value("${HOLDFAST_DATA:}") String folder) {
    this.cookieName = cookieName;
    this.key = new SecretKeySpec(("session ids in the log " + password).getBytes(StandardCharsets.UTF_8), "HmacSHA256");
    this.file = folder.isEmpty() ? null : new RotatingFile(folder, "logs/access.log");
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return file == null;
  }

  @Override
  protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    var startedAt = System.nanoTime();
    var failed = true;
    try {
      chain.doFilter(request, response);
      failed = false;
    } finally {
      file.write(
          String.join(
              " ",
              Instant.now().toString(),
              "status=" + (failed ? 500 : response.getStatus()),
              "ms=" + (System.nanoTime() - startedAt) / 1_000_000,
              "session=" + hashOf(namedIn(request)),
              "answered=" + hashOf(answered(request)),
              "method=" + request.getMethod(),
              "path=" + (request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE) instanceof String path ? path : "*"),
              "agent=" + agentClass(request.getHeader(HttpHeaders.USER_AGENT)),
              "from=" + from(request)));
    }
  }

  /** The id in the cookie, which is the id in base64; asking the request for it would read the session from the store. */
  private String namedIn(HttpServletRequest request) {
    var cookies = request.getCookies() == null ? new Cookie[0] : request.getCookies();
    try {
      return Arrays.stream(cookies)
          .filter(cookie -> cookie.getName().equals(cookieName))
          .map(cookie -> new String(Base64.getDecoder().decode(cookie.getValue()), StandardCharsets.UTF_8))
          .findFirst()
          .orElse("");
    } catch (IllegalArgumentException exception) {
      // Not a cookie of this application's.
      return "";
    }
  }

  /** The session that the request has read or begun, as Spring Session keeps it with the request. */
  private static String answered(HttpServletRequest request) {
    return request.getAttribute(CURRENT_SESSION) instanceof HttpSession session ? session.getId() : "";
  }

  private String hashOf(String id) {
    if (id.isEmpty()) return "-";
    try {
      var mac = Mac.getInstance(key.getAlgorithm());
      mac.init(key);
      return HexFormat.of().formatHex(mac.doFinal(id.getBytes(StandardCharsets.UTF_8))).substring(0, HASH_DIGITS);
    } catch (GeneralSecurityException exception) {
      throw new IllegalStateException(exception);
    }
  }

  private static String agentClass(String agent) {
    if (agent == null || agent.isEmpty()) return "none";
    if (agent.matches("(?i).*(health|probe|uptime|monitor).*")) return "health-check";
    if (agent.matches("(?i).*(bot|crawl|spider|slurp).*")) return "bot";
    return agent.startsWith("Mozilla/") ? "browser" : "script";
  }

  private static String from(HttpServletRequest request) {
    var referer = request.getHeader(HttpHeaders.REFERER);
    if (referer == null) return "-";
    try {
      return String.valueOf(URI.create(referer).getAuthority()).equalsIgnoreCase(request.getHeader(HttpHeaders.HOST)) ? "same" : "other";
    } catch (IllegalArgumentException exception) {
      return "-";
    }
  }
}
