package main

import (
	"fmt"
	"net/http/httptest"
	"os"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/session"
	"github.com/gofiber/storage/redis/v3"
)

func app(expiration time.Duration) func(path, cookie string) string {
	port, _ := strconv.Atoi(os.Getenv("CORPUS_PORT"))
	store := session.New(session.Config{Expiration: expiration, Storage: redis.New(redis.Config{Port: port})})
	app := fiber.New()
	app.Get("/:what", func(c *fiber.Ctx) error {
		session, err := store.Get(c)
		if err != nil {
			return err
		}
		switch c.Params("what") {
		case "use":
			session.Set("user", "ann, again")
		case "logout":
			return session.Destroy()
		default:
			session.Set("user", c.Params("what"))
		}
		return session.Save()
	})
	return func(path, cookie string) string {
		request := httptest.NewRequest("GET", path, nil)
		request.Header.Set("Cookie", "session_id="+cookie)
		answer, err := app.Test(request)
		if err != nil {
			panic(err)
		}
		for _, cookie := range answer.Cookies() {
			return cookie.Value
		}
		return ""
	}
}

func main() {
	get := app(30 * time.Minute)
	ann := get("/ann", "")
	fmt.Println("id uuid", ann)
	get("/use", ann)
	get("/logout", get("/ben", ""))
	app(time.Second)("/eve", "")
	time.Sleep(1500 * time.Millisecond)
}
