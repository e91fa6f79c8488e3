package com.example.counter;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;

/** JSON with the release's version and the server: shows which server it came from. */
@Component
class Answers {
  private final ObjectMapper json;
  private final Map<String, String> names;

  Answers(ObjectMapper json, @Value("${counter.version}") String version, @Value("${server.port}") int port) throws UnknownHostException {
    this.json = json;
    this.names = Map.of("version", version, "server", InetAddress.getLocalHost().getHostName() + ":" + port);
  }

  Map<String, Object> with(Map<String, ?> fields) {
    var answer = new LinkedHashMap<String, Object>(fields);
    answer.putAll(names);
    return answer;
  }

  void ok(HttpServletResponse response, Map<String, ?> fields) throws IOException {
    write(response, HttpStatus.OK, fields);
  }

  void error(HttpServletResponse response, HttpStatus status, String message) throws IOException {
    write(response, status, Map.of("error", message));
  }

  private void write(HttpServletResponse response, HttpStatus status, Map<String, ?> fields) throws IOException {
    response.setStatus(status.value());
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    json.writeValue(response.getOutputStream(), with(fields));
  }
}
