package com.example.counter;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.security.Principal;
import java.util.Map;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
class CounterController {
  /** Name of the session's attribute. */
  static final String COUNT = "count";

  private static final int LONGEST_MS = 30_000;
  private static final int MOST_CHUNKS = 500;

  private final Answers answers;
  private final ObjectMapper json;

  CounterController(Answers answers, ObjectMapper json) {
    this.answers = answers;
    this.json = json;
  }

  /** The session is saved before the first byte of the answer: every count that a user has seen is in the store. */
  @GetMapping("/count")
  Map<String, Object> count(Principal user, HttpSession session, @RequestParam(defaultValue = "0") int ms) throws InterruptedException {
    // A slow one changes a session that may end meanwhile.
    Thread.sleep(within(0, ms, LONGEST_MS));
    var count = session.getAttribute(COUNT) instanceof Integer last ? last + 1 : 1;
    session.setAttribute(COUNT, count);
    return answers.with(Map.of("user", user.getName(), COUNT, count));
  }

  @GetMapping("/slow")
  Map<String, Object> slow(@RequestParam(defaultValue = "0") int ms) throws InterruptedException {
    var waited = within(0, ms, LONGEST_MS);
    Thread.sleep(waited);
    return answers.with(Map.of("sleptMs", waited));
  }

  @GetMapping("/download")
  void download(
      @RequestParam(defaultValue = "1") int chunks, @RequestParam(defaultValue = "0") int ms, HttpServletResponse response)
      throws IOException, InterruptedException {
    var of = within(1, chunks, MOST_CHUNKS);
    response.setContentType(MediaType.APPLICATION_NDJSON_VALUE);
    for (var chunk = 1; chunk <= of; chunk++) {
      response.getOutputStream().write((json.writeValueAsString(answers.with(Map.of("chunk", chunk, "of", of))) + "\n").getBytes());
      response.flushBuffer();
      Thread.sleep(within(0, ms, LONGEST_MS) / of);
    }
  }

  private static int within(int least, int number, int most) {
    return Math.max(least, Math.min(number, most));
  }
}
