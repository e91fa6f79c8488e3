package com.example.counter;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractAuthenticationFilterConfigurer;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.authentication.UsernamePasswordAuthenticationFilter;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;

/** `POST /login` with `{"user": "ann"}`: as formLogin() otherwise, so that a login gets a new session id and counts as the user's one session. */
class JsonLogin extends AbstractAuthenticationFilterConfigurer<HttpSecurity, JsonLogin, JsonLogin.Filter> {

  JsonLogin(Answers answers) {
    super(new Filter(), "/login");
    successHandler(
        (request, response, login) -> {
          // A migrated session keeps its attributes.
          request.getSession().removeAttribute(CounterController.COUNT);
          answers.ok(response, Map.of("user", login.getName()));
        });
    failureHandler((request, response, failure) -> answers.error(response, HttpStatus.BAD_REQUEST, failure.getMessage()));
  }

  @Override
  protected RequestMatcher createLoginProcessingUrlMatcher(String url) {
    return PathPatternRequestMatcher.withDefaults().matcher(HttpMethod.POST, url);
  }

  static class Filter extends UsernamePasswordAuthenticationFilter {
    private static final ObjectMapper JSON = new ObjectMapper();

    record Body(String user) {}

    @Override
    public Authentication attemptAuthentication(HttpServletRequest request, HttpServletResponse response) {
      return getAuthenticationManager().authenticate(UsernamePasswordAuthenticationToken.unauthenticated(userOf(request), ""));
    }

    private static String userOf(HttpServletRequest request) {
      try {
        // A form of another site can send no such type.
        if (!MediaType.APPLICATION_JSON.includes(MediaType.parseMediaType(String.valueOf(request.getContentType()))))
          throw new BadCredentialsException("the body is not JSON");
        var user = JSON.readValue(request.getInputStream(), Body.class).user();
        return user == null ? "" : user;
      } catch (IOException | InvalidMediaTypeException exception) {
        throw new BadCredentialsException("the body is not JSON", exception);
      }
    }
  }
}
