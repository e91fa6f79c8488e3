package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"github.com/boj/redistore"
	"github.com/gorilla/sessions"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	store, err := redistore.NewRediStore(2, "tcp", "127.0.0.1:"+os.Getenv("CORPUS_PORT"), "", "", []byte("a secret of the corpus, of thirty-two letters"))
	check(err)
	if len(os.Args) > 1 && os.Args[1] == "json" {
		store.SetSerializer(redistore.JSONSerializer{})
	}
	store.SetMaxAge(3600)
	request := func(cookie string, change func(*sessions.Session)) (string, *sessions.Session) {
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		request.Header.Set("Cookie", cookie)
		answer := httptest.NewRecorder()
		session, err := store.Get(request, "shop")
		check(err)
		change(session)
		check(session.Save(request, answer))
		return answer.Header().Get("Set-Cookie"), session
	}
	login := func(user string, seconds int) func(*sessions.Session) {
		return func(session *sessions.Session) {
			session.Values["user"] = user
			session.Options.MaxAge = seconds
		}
	}
	ann, session := request("", login("ann", 3600))
	fmt.Println("id base32", session.ID)
	request(ann, func(session *sessions.Session) { session.Values["user"] = "ann, again" })
	ben, _ := request("", login("ben", 3600))
	request(ben, func(session *sessions.Session) { session.Options.MaxAge = -1 })
	request("", login("eve", 1))
	time.Sleep(1500 * time.Millisecond)
}
