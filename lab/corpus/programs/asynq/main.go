package main

import (
	"os"
	"time"

	"github.com/hibiken/asynq"
)

func main() {
	client := asynq.NewClient(asynq.RedisClientOpt{Addr: "127.0.0.1:" + os.Getenv("CORPUS_PORT")})
	ids := []string{"3f1c8a52-7d4e-4b6a-9c21-0e5f7a8b9c01", "3f1c8a52-7d4e-4b6a-9c21-0e5f7a8b9c02"}
	task := asynq.NewTask("mail", []byte(`{"to":"ann@example.com"}`))
	for at, options := range [][]asynq.Option{{}, {asynq.ProcessIn(time.Hour)}} {
		if _, err := client.Enqueue(task, append(options, asynq.TaskID(ids[at]))...); err != nil {
			panic(err)
		}
	}
}
