// The same shop in Go, whose sessions are of scs. `release.json` in the working folder says how a release differs.
package main

import (
	"encoding/gob"
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"github.com/alexedwards/scs/redisstore"
	"github.com/alexedwards/scs/v2"
	"github.com/gomodule/redigo/redis"
)

type Release struct {
	Cookie, Asset string
	// A session has what was bought in a type of its own, which gob knows by its name.
	Typed string
}

type Cart struct{ Items int }

var release = read()
var sessions = scs.New()

func read() (release Release) {
	bytes, err := os.ReadFile("release.json")
	if err == nil {
		err = json.Unmarshal(bytes, &release)
	}
	if err != nil {
		panic(err)
	}
	return
}

func page(response http.ResponseWriter, title string) {
	response.Header().Set("content-type", "text/html")
	fmt.Fprintf(response, `<!doctype html><title>%s</title><script src="/assets/app-%s.js"></script><p>%s`, title, release.Asset, title)
}

func items(request *http.Request) int {
	if cart, ok := sessions.Get(request.Context(), "cart").(Cart); ok {
		return cart.Items
	}
	return sessions.GetInt(request.Context(), "items")
}

func setItems(request *http.Request, items int) {
	if release.Typed != "" {
		sessions.Put(request.Context(), "cart", Cart{items})
	} else {
		sessions.Put(request.Context(), "items", items)
	}
}

// A page for users; others are sent to the log-in.
func forUsers(serve func(http.ResponseWriter, *http.Request, string)) http.HandlerFunc {
	return func(response http.ResponseWriter, request *http.Request) {
		if user := sessions.GetString(request.Context(), "user"); user != "" {
			serve(response, request, user)
		} else {
			http.Redirect(response, request, "/login", http.StatusFound)
		}
	}
}

func enter(response http.ResponseWriter, request *http.Request) {
	user := request.FormValue("user")
	// The crowd has none.
	if request.Form.Has("password") && request.FormValue("password") != "secret of "+user {
		response.WriteHeader(http.StatusUnauthorized)
		return
	}
	if err := sessions.RenewToken(request.Context()); err != nil {
		panic(err)
	}
	sessions.Put(request.Context(), "user", user)
	if release.Typed == "from log-in" {
		setItems(request, 0)
	}
	http.Redirect(response, request, "/account", http.StatusFound)
}

func main() {
	env := os.Getenv
	if release.Typed != "" {
		gob.Register(Cart{})
	}
	pool := &redis.Pool{MaxIdle: 8, Dial: func() (redis.Conn, error) {
		return redis.Dial("tcp", env("SESSION_STORE_HOST")+":"+env("SESSION_STORE_PORT"),
			redis.DialUsername(env("SESSION_STORE_USER")), redis.DialPassword(env("SESSION_STORE_PASSWORD")))
	}}
	sessions.Store = redisstore.NewWithPrefix(pool, env("SESSION_STORE_KEY_PREFIX"))
	sessions.Cookie.Name = release.Cookie
	sessions.Cookie.Secure = true

	shop := http.NewServeMux()
	public := func(response http.ResponseWriter, request *http.Request) { page(response, "Shop") }
	shop.HandleFunc("GET /{$}", public)
	shop.HandleFunc("GET /catalog", public)
	shop.HandleFunc("GET /login", public)
	shop.HandleFunc("POST /login", enter)
	account := forUsers(func(response http.ResponseWriter, _ *http.Request, user string) { page(response, "Account of "+user) })
	shop.HandleFunc("GET /account", account)
	shop.HandleFunc("GET /orders", account)
	shop.HandleFunc("GET /cart", forUsers(func(response http.ResponseWriter, request *http.Request, _ string) {
		page(response, fmt.Sprintf("Cart: %d items", items(request)))
	}))
	shop.HandleFunc("POST /cart", forUsers(func(response http.ResponseWriter, request *http.Request, _ string) {
		setItems(request, items(request)+1)
		http.Redirect(response, request, "/cart", http.StatusFound)
	}))
	shop.HandleFunc("POST /logout", func(response http.ResponseWriter, request *http.Request) {
		if err := sessions.Destroy(request.Context()); err != nil {
			panic(err)
		}
		http.Redirect(response, request, "/", http.StatusFound)
	})
	shop.HandleFunc("GET /assets/", func(response http.ResponseWriter, request *http.Request) {
		response.Header().Set("content-type", "text/javascript")
		fmt.Fprint(response, "document.title")
	})

	all := http.NewServeMux()
	up := func(response http.ResponseWriter, _ *http.Request) { fmt.Fprint(response, `{"status":"UP"}`) }
	all.HandleFunc("/live", up)
	all.HandleFunc("/health", up)
	all.Handle("/", http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		response.Header().Set("x-release", env("HOLDFAST_VERSION"))
		sessions.LoadAndSave(shop).ServeHTTP(response, request)
	}))
	if err := http.ListenAndServe(env("HOST")+":"+env("PORT"), all); err != nil {
		panic(err)
	}
}
