#!/usr/bin/env python3
"""Answers for a server without a release: 200 on the health path, 503 and what to run next on every other one.

It reads no cookie and sets none: the sessions of users outlive it.
"""
import json
import socket
import socketserver
import sys
from http.server import BaseHTTPRequestHandler

# Longer than a load balancer keeps an idle connection (60 s by default), which otherwise could send a request into its end.
IDLE_SECONDS = 75
# The rest of a longer body is not read: the connection ends with the answer.
BODY_BYTES = 1024 * 1024


class Placeholder(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    health_path = ""
    text = ""

    def __getattr__(self, name):
        # Any method, not only GET and HEAD.
        if name.startswith("do_"):
            return self.respond
        raise AttributeError(name)

    def is_health_check(self):
        if self.health_path:
            return self.path == self.health_path
        # An existing target group can check any path.
        return self.headers.get("User-Agent", "").startswith(("ELB-HealthChecker/", "holdfast-probe"))

    def respond(self):
        if not self.read_body():
            self.close_connection = True
        if self.is_health_check() and self.command in ("GET", "HEAD"):
            self.send(200, "application/json", '{"status":"UP","release":"none"}\n')
        else:
            self.send(503, "text/plain; charset=utf-8", self.text)

    def read_body(self):
        """
        Reads the request's body, so that the next request of the connection begins after it. False if it is too long or has no length.
        """
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal() or len(length) > 9 or int(length) > BODY_BYTES:
            return False
        self.rfile.read(int(length))
        return True

    def send_error(self, code, message=None, explain=None):
        """A request that cannot be read. Repeats nothing of it."""
        self.close_connection = True
        self.request_version = self.protocol_version
        self.send(code, "text/plain; charset=utf-8", "The request is not valid.\n")

    def send(self, code, content_type, text):
        body = text.encode()
        self.send_response_only(code)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def finish(self):
        """Ends the connection. With a part of the request unread, the system would discard the answer on its way."""
        super().finish()
        try:
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(1)
            for _ in range(256):
                if not self.connection.recv(65536):
                    break
        except OSError:
            pass

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass  # a client that went away; the next one is served


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        settings = json.load(file)
    Placeholder.health_path = settings["healthPath"]
    Placeholder.text = "This fleet has no release yet. To deploy one, run: %s\n" % settings["next"]
    Server((settings["host"], settings["port"]), Placeholder).serve_forever()


main()
