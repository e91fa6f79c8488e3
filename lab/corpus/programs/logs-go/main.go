// A shop on Go's net/http and on gin, which users enter in several ways. Arguments: port, folder of its logs.
package main

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/handlers"
)

var (
	lock     sync.Mutex
	sessions = map[string]string{}
)

const cookie = "session"

func begin(w http.ResponseWriter, user, old string) {
	bytes := make([]byte, 32)
	rand.Read(bytes)
	name := base64.RawURLEncoding.EncodeToString(bytes)
	delete(sessions, old)
	sessions[name] = user
	http.SetCookie(w, &http.Cookie{Name: cookie, Value: name, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

func shop(w http.ResponseWriter, r *http.Request) {
	lock.Lock()
	defer lock.Unlock()
	session := ""
	if sent, err := r.Cookie(cookie); err == nil {
		session = sent.Value
	}
	user, isKnown := sessions[session]
	forms := []string{"/login", "/users/sign_in", "/anmelden"}
	out := []string{"/logout", "/users/sign_out", "/abmelden"}
	path := r.URL.Path
	removed := &http.Cookie{Name: cookie, Path: "/", MaxAge: -1}
	switch {
	case slices.Contains(forms, path) && r.Method == "GET":
		if !isKnown {
			begin(w, "", "")
		}
	case path == "/session" && r.Method == "POST":
		begin(w, "ann", session)
	case slices.Contains(forms, path) || path == "/auth/cb":
		begin(w, "ann", session)
		http.Redirect(w, r, "/account", http.StatusSeeOther)
	case path == "/auth/start":
		http.Redirect(w, r, "https://id.example/authorize", http.StatusFound)
	case slices.Contains(out, path) || path == "/session":
		delete(sessions, session)
		http.SetCookie(w, removed)
		if path == "/session" {
			w.WriteHeader(http.StatusNoContent)
		} else {
			http.Redirect(w, r, "/", http.StatusSeeOther)
		}
	case path == "/account" || path == "/cart" || path == "/api/me" || strings.HasPrefix(path, "/orders/"):
		if user == "" && path == "/api/me" {
			w.WriteHeader(http.StatusUnauthorized)
		} else if user == "" {
			http.Redirect(w, r, "/login", http.StatusSeeOther)
		} else if r.Method == "POST" {
			http.Redirect(w, r, "/cart", http.StatusSeeOther)
		}
	default:
		io.WriteString(w, "shop")
	}
}

// As net/http's users log with log/slog.
func withSlog(next http.Handler, file io.Writer) http.Handler {
	logger := slog.New(slog.NewJSONHandler(file, nil))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := &recorder{ResponseWriter: w, status: 200}
		next.ServeHTTP(seen, r)
		session := ""
		if sent, err := r.Cookie(cookie); err == nil {
			session = sent.Value
		}
		logger.Info("request", "method", r.Method, "path", r.URL.Path, "status", seen.status, "session", session, "set_cookie", w.Header()["Set-Cookie"], "user_agent", r.UserAgent())
	})
}

type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func open(folder, name string) io.Writer {
	file, err := os.OpenFile(folder+"/"+name+".log", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		panic(err)
	}
	return file
}

func main() {
	port, _ := strconv.Atoi(os.Args[1])
	folder := os.Args[2]
	gin.SetMode(gin.ReleaseMode)
	gin.DefaultWriter = open(folder, "gin")
	engine := gin.New()
	engine.Use(gin.Logger())
	engine.NoRoute(func(c *gin.Context) {
		// Gin's own status would be 404.
		c.Status(http.StatusOK)
		shop(c.Writer, c.Request)
	})
	handler := withSlog(handlers.CombinedLoggingHandler(open(folder, "gorilla-combined"), engine), open(folder, "go-slog"))
	go http.ListenAndServe(fmt.Sprintf("127.0.0.1:%d", port+1), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lock.Lock()
		clear(sessions)
		lock.Unlock()
	}))
	fmt.Println("ready")
	http.ListenAndServe(fmt.Sprintf("127.0.0.1:%d", port), handler)
}
