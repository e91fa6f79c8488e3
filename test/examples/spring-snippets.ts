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

export const SECURITY_AS_PRINTED = `package com.example.counter;
import org.springframework.context.annotation.*;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
@Configuration
public class Snippet {
  @Bean
  public SecurityFilterChain securityFilterChain(HttpSecurity http) throws Exception {
    http
      .sessionManagement(session -> session
        .sessionFixation().migrateSession()
        .maximumSessions(1)
        .maxSessionsPreventsLogin(false)
      );
    return http.build();
  }
}`;

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
  const file = path.join(to, 'Snippet.java');
  writeFileSync(file, source);
  const { status, stderr, error } = spawnSync(program('javac'), ['-Xlint:-options', '-d', to, '-cp', `${release}/lib/*`, file], {
    encoding: 'utf8',
  });
  if (error) throw error;
  return status === 0 ? '' : stderr;
}

/** A release with one more class, below the package where Spring Boot looks for configuration. */
export function addClass(source: string, release: string, to: string): void {
  cpSync(release, to, { recursive: true });
  const problem = compile(source, release, path.join(to, 'classes'));
  if (problem !== '') throw new Error(problem);
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
