/** Snippets for Spring that are often printed, and what the JDK and the example's libraries make of them. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensureJava } from '../../setup/java.mjs';

const program = (name: string) => path.join(ensureJava().home, 'bin', name);

/** A name that does not exist. */
export const RESOLVER_AS_PRINTED = resolver('CookieHttpSessionIdResolver.withCookieSerializer(new DefaultCookieSerializer())');

/** What its author means, in code that compiles. */
export const RESOLVER_AS_MEANT = resolver(
  'withDefaults()',
  `static HttpSessionIdResolver withDefaults() {
    var resolver = new CookieHttpSessionIdResolver();
    resolver.setCookieSerializer(new DefaultCookieSerializer());
    return resolver;
  }`,
);

const CHAIN_AS_PRINTED = `http
      .sessionManagement(session -> session
        .sessionFixation().migrateSession()
        .maximumSessions(1)
        .maxSessionsPreventsLogin(false)
      );`;

export const SECURITY_AS_PRINTED = `package com.example.counter;
import org.springframework.context.annotation.*;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
@Configuration
public class Snippet {
  @Bean
  public SecurityFilterChain securityFilterChain(HttpSecurity http) throws Exception {
    ${CHAIN_AS_PRINTED}
    return http.build();
  }
}`;

/** The printed chain in the place of the example's own, with the example's log-in, since the printed one has none. */
export const SECURITY_WITH_LOGIN = `package com.example.counter;
import org.springframework.context.annotation.*;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
@Configuration
public class SecurityConfig {
  @Bean
  public SecurityFilterChain securityFilterChain(HttpSecurity http, Answers answers) throws Exception {
    http.with(new JsonLogin(answers), login -> {});
    http.csrf(csrf -> csrf.disable());
    ${CHAIN_AS_PRINTED}
    return http.build();
  }
}`;

/** The same with the registry that knows every server's sessions, and nothing else of what the example adds. */
export const SECURITY_WITH_REGISTRY = SECURITY_WITH_LOGIN.replace(
  'HttpSecurity http, Answers',
  'HttpSecurity http, org.springframework.security.core.session.SessionRegistry registry, Answers',
).replace('.maxSessionsPreventsLogin(false)', '.maxSessionsPreventsLogin(false).sessionRegistry(registry)');

/** An application with only what the page prints: Spring Security then makes a registry for each JVM. */
export const WITHOUT_REGISTRY = `package com.example.counter;
@org.springframework.context.annotation.Configuration
public class SessionConfig {}`;

function resolver(expression: string, more = ''): string {
  return `package com.example.counter;
import org.springframework.context.annotation.*;
import org.springframework.session.web.http.*;
@Configuration
public class Snippet {
  @Bean
  public HttpSessionIdResolver sessionIdResolver() {
    return ${expression};
  }
  ${more}
}`;
}

/** Compiles a class with the libraries of a release; gives what the compiler prints, empty if it is content. */
export function compile(source: string, release: string, to: string): string {
  mkdirSync(to, { recursive: true });
  const file = path.join(to, `${/public class (\w+)/.exec(source)?.[1]}.java`);
  writeFileSync(file, source);
  const { status, stderr, error } = spawnSync(
    program('javac'),
    ['-Xlint:-options', '-d', to, '-cp', `${release}/app.jar:${release}/lib/*`, file],
    {
      encoding: 'utf8',
    },
  );
  if (error) throw error;
  return status === 0 ? '' : stderr;
}

/** A release with one more class, below the package where Spring Boot looks for configuration; one of a name that is there is replaced. */
export const addClass = (source: string, release: string, to: string): void => addClasses([source], release, to);

export function addClasses(sources: readonly string[], release: string, to: string): void {
  cpSync(release, to, { recursive: true });
  const problems = sources.map((source) => compile(source, release, path.join(to, 'classes'))).join('');
  if (problems !== '') throw new Error(problems);
  execFileSync(program('jar'), ['--update', '--file', path.join(to, 'app.jar'), '-C', path.join(to, 'classes'), 'com']);
}

/** Marks the main class as compiled for a Java that does not exist yet, as a release for a newer Java is on this machine. */
export function makeTooNew(release: string, to: string): void {
  cpSync(release, to, { recursive: true });
  const classes = path.join(to, 'classes');
  mkdirSync(classes, { recursive: true });
  const name = 'com/example/counter/CounterApplication.class';
  execFileSync(program('jar'), ['--extract', '--file', path.join(to, 'app.jar'), name], { cwd: classes });
  const bytes = readFileSync(path.join(classes, name));
  // The class file's major version; 61 is Java 17.
  bytes.writeUInt16BE(900, 6);
  writeFileSync(path.join(classes, name), bytes);
  execFileSync(program('jar'), ['--update', '--file', path.join(to, 'app.jar'), '-C', classes, name]);
}
