package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/rbcervilla/redisstore/v9"
	"github.com/redis/go-redis/v9"
)

func main() {
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + os.Getenv("CORPUS_PORT")})
	store, err := redisstore.NewRedisStore(context.Background(), client)
	if err != nil {
		panic(err)
	}
	visit := func(cookie string, seconds int, act func(values map[interface{}]interface{})) string {
		request := httptest.NewRequest("GET", "/", nil)
		request.Header.Set("Cookie", cookie)
		response := httptest.NewRecorder()
		session, err := store.Get(request, "shop")
		if err != nil {
			panic(err)
		}
		session.Options.MaxAge = seconds
		if act != nil {
			act(session.Values)
		}
		if err := session.Save(request, response); err != nil {
			panic(err)
		}
		return strings.Split(response.Header().Get("Set-Cookie"), ";")[0]
	}
	login := func(user string) func(map[interface{}]interface{}) {
		return func(values map[interface{}]interface{}) { values["user"] = user }
	}
	ann := visit("", 3600, login("ann"))
	fmt.Println("id base32", strings.TrimPrefix(ann, "shop="))
	visit(ann, 3600, func(values map[interface{}]interface{}) { values["visits"] = 1 })
	ben := visit("", 3600, login("ben"))
	visit(ben, -1, nil)
	visit("", 1, login("eve"))
	time.Sleep(1500 * time.Millisecond)
}
