package com.example.counter;

import java.util.List;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Component;

/** Takes everybody for who they say: an example has no passwords. */
@Component
class AnyUser implements AuthenticationProvider {

  @Override
  public Authentication authenticate(Authentication login) {
    var user = login.getName();
    if (user.isEmpty() || user.length() > 64) throw new BadCredentialsException("user: a text of 1 to 64 characters");
    return UsernamePasswordAuthenticationToken.authenticated(user, null, List.of());
  }

  @Override
  public boolean supports(Class<?> type) {
    return UsernamePasswordAuthenticationToken.class.isAssignableFrom(type);
  }
}
