package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/alexedwards/scs/redisstore"
	"github.com/alexedwards/scs/v2"
	"github.com/gomodule/redigo/redis"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	pool := &redis.Pool{Dial: func() (redis.Conn, error) { return redis.Dial("tcp", "127.0.0.1:"+os.Getenv("CORPUS_PORT")) }}
	manager := scs.New()
	manager.Store = redisstore.New(pool)
	login := func(user string) (context.Context, string) {
		ctx := must(manager.Load(context.Background(), ""))
		manager.Put(ctx, "user", user)
		token, _, err := manager.Commit(ctx)
		return ctx, must(token, err)
	}
	_, ann := login("ann")
	fmt.Println("id base64url", ann)
	used := must(manager.Load(context.Background(), ann))
	manager.Put(used, "user", "ann, again")
	if _, _, err := manager.Commit(used); err != nil {
		panic(err)
	}
	ben, _ := login("ben")
	if err := manager.Destroy(ben); err != nil {
		panic(err)
	}
	manager.Lifetime = time.Second
	login("eve")
	time.Sleep(1500 * time.Millisecond)
}
