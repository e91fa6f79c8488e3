// A site on each library of Go: GET / visits, POST /login gives a user a session, GET /account uses it, POST /logout ends it.
package main

import (
	"net/http"
	"os"
	"time"

	"github.com/alexedwards/scs/v2"
	ginsessions "github.com/gin-contrib/sessions"
	gincookie "github.com/gin-contrib/sessions/cookie"
	"github.com/gin-gonic/gin"
	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"
	"github.com/gorilla/sessions"
)

var secret = []byte("a secret of the corpus, of thirty-two letters")
var variant = os.Args[2]

const minutes = 30

func serve(handler http.Handler) {
	panic(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), handler))
}

func gorilla() {
	store := sessions.NewCookieStore(secret)
	switch variant {
	case "hardened":
		store.Options = &sessions.Options{Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode}
	case "aged":
		store.Options = &sessions.Options{Path: "/", MaxAge: minutes * 60, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	case "embedded":
		store.Options = &sessions.Options{Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteNoneMode, Partitioned: true}
	}
	serve(http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		session, _ := store.Get(request, "session-name")
		switch request.URL.Path {
		case "/", "/login":
			session.Values["user"] = request.URL.Path
			session.Save(request, answer)
		case "/account":
			if variant == "aged" {
				session.Save(request, answer)
			}
		case "/logout":
			session.Options.MaxAge = -1
			session.Save(request, answer)
		}
		answer.Write([]byte("shop"))
	}))
}

func ginSite() {
	gin.SetMode(gin.ReleaseMode)
	store := gincookie.NewStore(secret)
	if variant == "hardened" {
		store.Options(ginsessions.Options{Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode})
	}
	if variant == "aged" {
		store.Options(ginsessions.Options{Path: "/", MaxAge: minutes * 60, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	}
	app := gin.New()
	app.Use(ginsessions.Sessions("mysession", store))
	save := func(c *gin.Context) {
		session := ginsessions.Default(c)
		session.Set("user", c.Request.URL.Path)
		session.Save()
		c.String(200, "shop")
	}
	app.GET("/", save)
	app.POST("/login", save)
	app.GET("/account", func(c *gin.Context) { c.String(200, "shop") })
	app.POST("/logout", func(c *gin.Context) {
		session := ginsessions.Default(c)
		session.Clear()
		session.Options(ginsessions.Options{Path: "/", MaxAge: -1})
		session.Save()
		c.Redirect(302, "/")
	})
	serve(app)
}

func scsSite() {
	sessions := scs.New()
	sessions.Lifetime = minutes * time.Minute
	switch variant {
	case "hardened":
		sessions.Cookie.Name = "__Host-session"
		sessions.Cookie.Secure = true
		sessions.Cookie.SameSite = http.SameSiteStrictMode
		sessions.Cookie.Persist = false
	case "rolling":
		sessions.IdleTimeout = minutes / 2 * time.Minute
	}
	serve(sessions.LoadAndSave(http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		switch request.URL.Path {
		case "/":
			sessions.Put(request.Context(), "visits", 1)
		case "/login":
			sessions.RenewToken(request.Context())
			sessions.Put(request.Context(), "user", "ann")
		case "/account":
			sessions.GetString(request.Context(), "user")
		case "/logout":
			sessions.Destroy(request.Context())
		}
		answer.Write([]byte("shop"))
	})))
}

func fiberSite() {
	config := fibersession.Config{}
	if variant == "hardened" {
		config = fibersession.Config{KeyLookup: "cookie:__Host-SID", CookiePath: "/", CookieSecure: true, CookieHTTPOnly: true, CookieSameSite: "Strict", CookieSessionOnly: true}
	}
	if variant == "aged" {
		config = fibersession.Config{Expiration: minutes * time.Minute, CookieSecure: true, CookieSameSite: "Lax"}
	}
	store := fibersession.New(config)
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.All("/*", func(c *fiber.Ctx) error {
		session, err := store.Get(c)
		if err != nil {
			return err
		}
		switch c.Path() {
		case "/login":
			session.Regenerate()
			session.Set("user", "ann")
		case "/logout":
			return session.Destroy()
		}
		if c.Path() != "/ready" {
			session.Save()
		}
		return c.SendString("shop")
	})
	panic(app.Listen("127.0.0.1:" + os.Getenv("PORT")))
}

func main() {
	map[string]func(){"gorilla-sessions": gorilla, "gin-sessions": ginSite, "scs": scsSite, "fiber": fiberSite}[os.Args[1]]()
}
