package main

import (
	"fmt"
	"net/http/httptest"
	"os"

	"github.com/gin-contrib/sessions"
	"github.com/gin-contrib/sessions/redis"
	"github.com/gin-gonic/gin"
)

func main() {
	store, err := redis.NewStore(2, "tcp", "127.0.0.1:"+os.Getenv("CORPUS_PORT"), "", "", []byte("a secret of the corpus, of thirty-two letters"))
	if err != nil {
		panic(err)
	}
	if err := redis.SetKeyPrefix(store, "user_session:"); err != nil {
		panic(err)
	}
	gin.SetMode(gin.ReleaseMode)
	app := gin.New()
	app.Use(sessions.Sessions("shop", store))
	app.GET("/login/:user", func(c *gin.Context) {
		session := sessions.Default(c)
		session.Set("user", c.Param("user"))
		if err := session.Save(); err != nil {
			panic(err)
		}
		c.String(200, session.ID())
	})
	app.GET("/logout", func(c *gin.Context) {
		session := sessions.Default(c)
		session.Options(sessions.Options{MaxAge: -1})
		if err := session.Save(); err != nil {
			panic(err)
		}
	})
	get := func(path, cookie string) (string, string) {
		request, answer := httptest.NewRequest("GET", path, nil), httptest.NewRecorder()
		request.Header.Set("Cookie", cookie)
		app.ServeHTTP(answer, request)
		return answer.Body.String(), answer.Header().Get("Set-Cookie")
	}
	id, _ := get("/login/ann", "")
	fmt.Println("id base32", id)
	_, ben := get("/login/ben", "")
	get("/logout", ben)
}
